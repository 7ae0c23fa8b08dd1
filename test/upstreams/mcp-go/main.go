// An MCP server of mcp-go whose tool has a typed handler: encoding/json fills its arguments, and folds the case of names.
// It answers with what it understood, and prints its port.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

type options struct {
	Mode string `json:"mode"`
}

type arguments struct {
	Mode    string  `json:"mode"`
	User    string  `json:"user"`
	Options options `json:"options"`
}

func edit(_ context.Context, _ mcp.CallToolRequest, read arguments) (*mcp.CallToolResult, error) {
	text, err := json.Marshal(read)
	if err != nil {
		return nil, err
	}
	return mcp.NewToolResultText(string(text)), nil
}

func main() {
	served := server.NewMCPServer("folding", "0.0.0")
	served.AddTool(mcp.NewTool("edit"), mcp.NewTypedToolHandler(edit))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	mux := http.NewServeMux()
	mux.Handle("/mcp", server.NewStreamableHTTPServer(served, server.WithStateLess(true)))
	if err := http.Serve(listener, mux); err != nil {
		panic(err)
	}
}
