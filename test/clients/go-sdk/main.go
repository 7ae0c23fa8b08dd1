// A client on the official Go SDK: it connects, calls one tool several times with a pause between them, and says on one line
// of JSON how far it came. It writes nothing else on stdout.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type report struct {
	Connected bool   `json:"connected"`
	Calls     int    `json:"calls"`
	Error     string `json:"error,omitempty"`
}

type bearer struct{ token string }

func (b bearer) RoundTrip(request *http.Request) (*http.Response, error) {
	signed := request.Clone(request.Context())
	signed.Header.Set("Authorization", "Bearer "+b.token)
	return http.DefaultTransport.RoundTrip(signed)
}

func main() {
	url := flag.String("url", "", "the MCP endpoint")
	tool := flag.String("tool", "echo", "the tool to call, with the argument message")
	calls := flag.Int("calls", 3, "how many calls")
	pause := flag.Duration("pause", 0, "between two calls")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var done report
	if err := use(ctx, *url, *tool, *calls, *pause, &done); err != nil {
		done.Error = err.Error()
	}
	_ = json.NewEncoder(os.Stdout).Encode(done)
}

func use(ctx context.Context, url, tool string, calls int, pause time.Duration, done *report) error {
	client := mcp.NewClient(&mcp.Implementation{Name: "go-client", Version: "1"}, nil)
	transport := &mcp.StreamableClientTransport{
		Endpoint:   url,
		HTTPClient: &http.Client{Transport: bearer{os.Getenv("TOKEN")}},
	}
	session, err := client.Connect(ctx, transport, nil)
	if err != nil {
		return err
	}
	defer session.Close()
	done.Connected = true
	for done.Calls < calls {
		params := &mcp.CallToolParams{Name: tool, Arguments: map[string]any{"message": "hello"}}
		if _, err := session.CallTool(ctx, params); err != nil {
			return err
		}
		done.Calls++
		time.Sleep(pause)
	}
	return nil
}
