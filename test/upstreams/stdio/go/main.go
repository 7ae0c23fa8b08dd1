// A server on go-sdk over standard streams.
package main

import (
	"context"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type text struct {
	Text string `json:"text"`
}

type count struct {
	Steps int `json:"steps"`
}

func says(words string) (*mcp.CallToolResult, any, error) {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: words}}}, nil, nil
}

func echo(_ context.Context, _ *mcp.CallToolRequest, asked text) (*mcp.CallToolResult, any, error) {
	return says(asked.Text)
}

func counting(ctx context.Context, request *mcp.CallToolRequest, asked count) (*mcp.CallToolResult, any, error) {
	token := request.Params.GetProgressToken()
	for step := 1; step <= asked.Steps && token != nil; step++ {
		progress := &mcp.ProgressNotificationParams{ProgressToken: token, Progress: float64(step)}
		if err := request.Session.NotifyProgress(ctx, progress); err != nil {
			return nil, nil, err
		}
	}
	return says(fmt.Sprintf("counted %d", asked.Steps))
}

func main() {
	server := mcp.NewServer(&mcp.Implementation{Name: "go-sdk", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "echo"}, echo)
	mcp.AddTool(server, &mcp.Tool{Name: "count"}, counting)
	if err := server.Run(context.Background(), &mcp.StdioTransport{}); err != nil {
		panic(err)
	}
}
