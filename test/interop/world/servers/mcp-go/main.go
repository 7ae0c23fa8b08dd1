// A server on mcp-go with the tools that every server of these tests has. It knows nothing of the gateway.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "give one argument: the port")
		os.Exit(2)
	}
	served := server.NewMCPServer("mcp-go", "1", server.WithToolCapabilities(true), server.WithElicitation())
	served.EnableSampling()
	number, word := mcp.WithNumber, mcp.WithString
	served.AddTool(mcp.NewTool("echo", word("text", mcp.Required())), echo)
	served.AddTool(mcp.NewTool("count", number("steps"), number("delay_ms")), count)
	served.AddTool(mcp.NewTool("wait", number("ms")), wait)
	served.AddTool(mcp.NewTool("ask"), ask)
	served.AddTool(mcp.NewTool("think", word("text", mcp.Required())), think)
	served.AddTool(mcp.NewTool("secret"), secret)

	stateless := os.Getenv("STATELESS") == "1"
	options := []server.StreamableHTTPOption{server.WithStateLess(stateless), server.WithStateful(!stateless)}
	if !stateless {
		options = append(options, server.WithEventStore(server.NewInMemoryEventStore()))
	}
	mux := http.NewServeMux()
	mux.Handle("/mcp", server.NewStreamableHTTPServer(served, options...))
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	fmt.Println("ready")
	panic(http.Serve(listener, mux))
}

func echo(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return mcp.NewToolResultText(request.GetString("text", "")), nil
}

func secret(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return mcp.NewToolResultText("secret"), nil
}

func count(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	steps := request.GetInt("steps", 0)
	for step := 1; step <= steps; step++ {
		if request.Params.Meta != nil && request.Params.Meta.ProgressToken != nil {
			// A client whose stream broke may come back for the rest: an error here is not the end.
			_ = server.ServerFromContext(ctx).SendNotificationToClient(ctx, "notifications/progress", map[string]any{
				"progressToken": request.Params.Meta.ProgressToken, "progress": step, "total": steps,
			})
		}
		// After it: this SDK drops what is sent in the same moment as the answer.
		time.Sleep(time.Duration(request.GetInt("delay_ms", 0)) * time.Millisecond)
	}
	return mcp.NewToolResultText(fmt.Sprintf("counted %d", steps)), nil
}

func wait(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	select {
	case <-ctx.Done():
		fmt.Println("cancelled")
		return nil, ctx.Err()
	case <-time.After(time.Duration(request.GetInt("ms", 0)) * time.Millisecond):
		return mcp.NewToolResultText("waited"), nil
	}
}

// The SDK makes this a request of its own for clients before 2026-07-28.
func ask(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	if answer := server.ElicitationResponse(request.Params.InputResponses, "name"); answer != nil {
		content, _ := answer.Content.(map[string]any)
		return mcp.NewToolResultText(fmt.Sprintf("hello %v", content["name"])), nil
	}
	question := mcp.ElicitationParams{
		Mode:    mcp.ElicitationModeForm,
		Message: "Who are you?",
		RequestedSchema: map[string]any{
			"type": "object", "properties": map[string]any{"name": map[string]any{"type": "string"}},
		},
	}
	return server.NewInputRequestBuilder("").Elicit("name", question).ToolResult(), nil
}

func think(_ context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	if answer := server.SamplingResponse(request.Params.InputResponses, "thought"); answer != nil {
		return mcp.NewToolResultText(mcp.GetTextFromContent(answer.Content)), nil
	}
	message := mcp.SamplingMessage{Role: mcp.RoleUser, Content: mcp.NewTextContent(request.GetString("text", ""))}
	question := mcp.CreateMessageParams{MaxTokens: 100, Messages: []mcp.SamplingMessage{message}}
	return server.NewInputRequestBuilder("").Sample("thought", question).ToolResult(), nil
}
