// A client on the official Go SDK. It does the steps it is asked for, one line of JSON for each, and nothing of its own.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// stepLimit is for each step, beside what refresh waits for.
const stepLimit = 30 * time.Second

type oauthOrder struct {
	ClientName   string  `json:"clientName"`
	Scope        string  `json:"scope"`
	TokenSeconds float64 `json:"tokenSeconds"`
}

type soakOrder struct {
	Seconds float64 `json:"seconds"`
}

type order struct {
	URL       string      `json:"url"`
	Token     string      `json:"token"`
	OAuth     *oauthOrder `json:"oauth"`
	Steps     []string    `json:"steps"`
	Transport string      `json:"transport"`
	Soak      *soakOrder  `json:"soak"`
}

// talk is the conversation with whoever started the program: a line of JSON each way.
type talk struct {
	mutex sync.Mutex
	in    *bufio.Reader
}

func (t *talk) say(line any) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	_ = json.NewEncoder(os.Stdout).Encode(line)
}

func (t *talk) hear() (string, error) { return t.in.ReadString('\n') }

func main() {
	var asked order
	if len(os.Args) != 2 || json.Unmarshal([]byte(os.Args[1]), &asked) != nil {
		fmt.Fprintln(os.Stderr, "give one argument: the order, as JSON")
		os.Exit(2)
	}
	world := &world{order: asked, talk: &talk{in: bufio.NewReader(os.Stdin)}}
	if asked.Soak != nil {
		world.soak(time.Duration(asked.Soak.Seconds * float64(time.Second)))
	} else {
		world.steps()
	}
	world.leave()
	world.talk.say(map[string]any{"done": true})
}

// world is one client and its session.
type world struct {
	order    order
	talk     *talk
	session  *mcp.ClientSession
	handler  auth.OAuthHandler
	progress func()
}

func (w *world) steps() {
	known := map[string]func(context.Context) error{
		"connect": w.connect, "list": w.list, "call": w.call, "progress": w.count, "cancel": w.cancel,
		"elicitation": w.elicitation, "sampling": w.sampling, "resume": w.resume,
		"step-up": w.stepUp, "refresh": w.refresh,
	}
	for _, name := range w.order.Steps {
		line := map[string]any{"step": name, "ok": true}
		limit := stepLimit
		if name == "refresh" {
			limit += w.refreshAfter()
		}
		if err := w.limited(known[name], limit); err != nil {
			line["ok"], line["why"] = false, err.Error()
			w.leave()
		}
		w.talk.say(line)
	}
}

// leave gives a session up; the next step begins another, with the same tokens.
func (w *world) leave() {
	if w.session != nil {
		_ = w.session.Close()
	}
	w.session = nil
}

func (w *world) limited(step func(context.Context) error, limit time.Duration) error {
	if step == nil {
		return fmt.Errorf("the program has no such step")
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if w.session == nil {
		if err := w.connect(ctx); err != nil {
			return fmt.Errorf("connect: %w", err)
		}
	}
	return step(ctx)
}

func (w *world) connect(ctx context.Context) error {
	if w.session != nil {
		return nil
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "go-sdk", Version: "1"}, w.options())
	transport, err := w.transport()
	if err != nil {
		return err
	}
	session, err := client.Connect(w.beyond(ctx), transport, nil)
	if err != nil {
		return err
	}
	w.session = session
	return nil
}

func (w *world) transport() (mcp.Transport, error) {
	httpClient := http.DefaultClient
	if w.order.Token != "" {
		httpClient = &http.Client{Transport: bearer{w.order.Token}}
	}
	if w.order.Transport == "sse" {
		return &mcp.SSEClientTransport{Endpoint: w.order.URL, HTTPClient: httpClient}, nil
	}
	transport := &mcp.StreamableClientTransport{Endpoint: w.order.URL, HTTPClient: httpClient}
	if w.order.OAuth != nil {
		if w.handler == nil {
			handler, err := w.oauth()
			if err != nil {
				return nil, err
			}
			w.handler = handler
		}
		transport.OAuthHandler = w.handler
	}
	return transport, nil
}

// beyond is the context of a connection that outlives the step: the stream of HTTP+SSE ends with the context it began in.
func (w *world) beyond(ctx context.Context) context.Context {
	if w.order.Transport == "sse" {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

type bearer struct{ token string }

func (b bearer) RoundTrip(request *http.Request) (*http.Response, error) {
	signed := request.Clone(request.Context())
	signed.Header.Set("Authorization", "Bearer "+b.token)
	return http.DefaultTransport.RoundTrip(signed)
}
