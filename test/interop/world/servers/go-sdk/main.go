// A server on the official Go SDK with the tools that every server of these tests has. It knows nothing of the gateway.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type nothing struct{}

type text struct {
	Text string `json:"text"`
}

type count struct {
	Steps   int `json:"steps"`
	DelayMs int `json:"delay_ms"`
}

type wait struct {
	Ms int `json:"ms"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "give one argument: the port")
		os.Exit(2)
	}
	served := mcp.NewServer(&mcp.Implementation{Name: "go-sdk", Version: "1"}, nil)
	mcp.AddTool(served, &mcp.Tool{Name: "echo"}, echo)
	mcp.AddTool(served, &mcp.Tool{Name: "count"}, counting)
	mcp.AddTool(served, &mcp.Tool{Name: "wait"}, waiting)
	mcp.AddTool(served, &mcp.Tool{Name: "ask"}, ask)
	mcp.AddTool(served, &mcp.Tool{Name: "think"}, think)
	mcp.AddTool(served, &mcp.Tool{Name: "secret"}, secret)
	handler := mcp.NewStreamableHTTPHandler(
		func(*http.Request) *mcp.Server { return served },
		&mcp.StreamableHTTPOptions{
			Stateless:                    os.Getenv("STATELESS") == "1",
			EventStore:                   mcp.NewMemoryEventStore(nil),
			PropagateRequestCancellation: true,
		},
	)
	mux := http.NewServeMux()
	mux.Handle("/mcp", handler)
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	fmt.Println("ready")
	panic(http.Serve(listener, mux))
}

func says(words string) (*mcp.CallToolResult, any, error) {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: words}}}, nil, nil
}

func echo(_ context.Context, _ *mcp.CallToolRequest, asked text) (*mcp.CallToolResult, any, error) {
	return says(asked.Text)
}

func secret(context.Context, *mcp.CallToolRequest, nothing) (*mcp.CallToolResult, any, error) {
	return says("secret")
}

func counting(ctx context.Context, request *mcp.CallToolRequest, asked count) (*mcp.CallToolResult, any, error) {
	token := request.Params.GetProgressToken()
	for step := 1; step <= asked.Steps; step++ {
		if token != nil {
			// A client whose stream broke may come back for the rest: an error here is not the end.
			_ = request.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
				ProgressToken: token, Progress: float64(step), Total: float64(asked.Steps),
			})
		}
		time.Sleep(time.Duration(asked.DelayMs) * time.Millisecond)
	}
	return says(fmt.Sprintf("counted %d", asked.Steps))
}

func waiting(ctx context.Context, _ *mcp.CallToolRequest, asked wait) (*mcp.CallToolResult, any, error) {
	select {
	case <-ctx.Done():
		fmt.Println("cancelled")
		return nil, nil, ctx.Err()
	case <-time.After(time.Duration(asked.Ms) * time.Millisecond):
		return says("waited")
	}
}

// The SDK makes this a request of its own for clients before 2026-07-28.
func ask(_ context.Context, request *mcp.CallToolRequest, _ nothing) (*mcp.CallToolResult, any, error) {
	answer, given := request.Params.InputResponses["name"].(*mcp.ElicitResult)
	if given {
		return says(fmt.Sprintf("hello %v", answer.Content["name"]))
	}
	question := &mcp.ElicitParams{Message: "Who are you?", RequestedSchema: &jsonschema.Schema{
		Type: "object", Properties: map[string]*jsonschema.Schema{"name": {Type: "string"}},
	}}
	return &mcp.CallToolResult{InputRequests: mcp.InputRequestMap{"name": question}}, nil, nil
}

func think(_ context.Context, request *mcp.CallToolRequest, asked text) (*mcp.CallToolResult, any, error) {
	answer, given := request.Params.InputResponses["thought"].(*mcp.CreateMessageWithToolsResult)
	if given {
		return &mcp.CallToolResult{Content: answer.Content}, nil, nil
	}
	message := &mcp.SamplingMessage{Role: "user", Content: &mcp.TextContent{Text: asked.Text}}
	question := &mcp.CreateMessageParams{MaxTokens: 100, Messages: []*mcp.SamplingMessage{message}}
	return &mcp.CallToolResult{InputRequests: mcp.InputRequestMap{"thought": question}}, nil, nil
}
