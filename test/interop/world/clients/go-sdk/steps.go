// What each step does.
package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func (w *world) options() *mcp.ClientOptions {
	return &mcp.ClientOptions{
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"name": "Ada"}}, nil
		},
		CreateMessageHandler: func(context.Context, *mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
			thought := &mcp.TextContent{Text: "a thought"}
			return &mcp.CreateMessageResult{Model: "none", Role: "assistant", Content: thought}, nil
		},
		ProgressNotificationHandler: func(context.Context, *mcp.ProgressNotificationClientRequest) {
			if w.progress != nil {
				w.progress()
			}
		},
	}
}

func (w *world) list(ctx context.Context) error {
	listed, err := w.session.ListTools(ctx, nil)
	if err != nil {
		return err
	}
	for _, tool := range listed.Tools {
		if tool.Name == "echo" {
			return nil
		}
	}
	return fmt.Errorf("no echo among %d tools", len(listed.Tools))
}

func (w *world) call(ctx context.Context) error {
	return w.tool(ctx, "echo", map[string]any{"text": "ahoy"}, "ahoy")
}

func (w *world) elicitation(ctx context.Context) error {
	return w.tool(ctx, "ask", map[string]any{}, "hello Ada")
}

func (w *world) sampling(ctx context.Context) error {
	return w.tool(ctx, "think", map[string]any{"text": "why"}, "a thought")
}

// stepUp: this SDK registers another client to get the scope. A session belongs to its client, so a server may answer 404 to
// the call that follows; the SDK then tells the program, which begins another session, as it must (2025-11-25, Session
// Management).
func (w *world) stepUp(ctx context.Context) error {
	secret := func() error { return w.tool(ctx, "secret", map[string]any{}, "secret") }
	err := secret()
	if !w.lost(err) {
		return err
	}
	w.leave()
	if err := w.connect(ctx); err != nil {
		return err
	}
	return secret()
}

func (w *world) count(ctx context.Context) error {
	return w.counted(ctx, 3, 100*time.Millisecond)
}

// counted asks for steps and sees a notification for each. The handler may run a little after the answer came.
func (w *world) counted(ctx context.Context, steps int, pause time.Duration) error {
	var seen atomic.Int64
	w.progress = func() { seen.Add(1) }
	params := &mcp.CallToolParams{
		Name:      "count",
		Arguments: map[string]any{"steps": steps, "delay_ms": pause.Milliseconds()},
	}
	params.SetProgressToken(fmt.Sprintf("count-%d", time.Now().UnixNano()))
	result, err := w.session.CallTool(ctx, params)
	if err != nil {
		return err
	}
	if err := expect(result, fmt.Sprintf("counted %d", steps)); err != nil {
		return err
	}
	for range 20 {
		if seen.Load() == int64(steps) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("%d of %d progress notifications came", seen.Load(), steps)
}

func (w *world) cancel(ctx context.Context) error {
	short, stop := context.WithCancel(ctx)
	defer stop()
	time.AfterFunc(300*time.Millisecond, stop)
	began := time.Now()
	_, err := w.session.CallTool(short, &mcp.CallToolParams{Name: "wait", Arguments: map[string]any{"ms": 10_000}})
	if !errors.Is(err, context.Canceled) {
		return fmt.Errorf("the call ended with %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		return fmt.Errorf("the call ended only after %s", took)
	}
	if err := w.call(ctx); err != nil {
		return err
	}
	// The notification is sent beside the calls; where it is refused, the SDK gives the connection up a little later.
	time.Sleep(300 * time.Millisecond)
	return w.call(ctx)
}

func (w *world) resume(ctx context.Context) error {
	params := &mcp.CallToolParams{Name: "count", Arguments: map[string]any{"steps": 5, "delay_ms": 300}}
	params.SetProgressToken("resume")
	result, err := w.session.CallTool(ctx, params)
	if err != nil {
		return err
	}
	return expect(result, "counted 5")
}

func (w *world) tool(ctx context.Context, name string, arguments map[string]any, want string) error {
	result, err := w.session.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: arguments})
	if err != nil {
		return err
	}
	return expect(result, want)
}

func expect(result *mcp.CallToolResult, want string) error {
	for _, part := range result.Content {
		if text, ok := part.(*mcp.TextContent); ok && text.Text == want && !result.IsError {
			return nil
		}
	}
	return fmt.Errorf("the answer is %s, not %q", shown(result), want)
}
