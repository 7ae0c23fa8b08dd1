// An hour of mixed use: idle, calls and streams on one session, which must never be lost.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const longestIdle = 20 * time.Second

func (w *world) soak(length time.Duration) {
	end := time.Now().Add(length)
	for round := 1; time.Now().Before(end); round++ {
		line := map[string]any{"round": round, "ok": true}
		if err := w.limited(w.anything, stepLimit); err != nil {
			line["ok"], line["why"] = false, err.Error()
			if w.session != nil && w.lost(err) {
				line["lost"] = true
				w.leave()
			}
			// A gateway that is starting anew is not asked a thousand times a second.
			time.Sleep(time.Second)
		}
		w.talk.say(line)
	}
}

func (w *world) anything(ctx context.Context) error {
	switch rand.IntN(4) {
	case 0:
		time.Sleep(time.Duration(rand.Int64N(int64(longestIdle))))
		return w.call(ctx)
	case 1:
		return w.list(ctx)
	case 2:
		return w.counted(ctx, 5, 200*time.Millisecond)
	default:
		return w.call(ctx)
	}
}

// lost: the server answered 404 to the session, or the SDK gave the connection up. Where the 404 has a JSON-RPC error in its
// body, go-sdk 1.8 shows that error and not ErrSessionMissing.
func (w *world) lost(err error) bool {
	return errors.Is(err, mcp.ErrSessionMissing) || errors.Is(err, mcp.ErrConnectionClosed) ||
		(err != nil && strings.Contains(err.Error(), "ession not found"))
}

func shown(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
