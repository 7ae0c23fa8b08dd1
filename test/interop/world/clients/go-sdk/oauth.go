// The SDK's own OAuth: it registers, opens the authorization page through whoever started the program, and refreshes.
package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
)

// Nothing listens there: the callback is handed over on standard input.
const redirect = "http://127.0.0.1:47113/callback"

func (w *world) oauth() (auth.OAuthHandler, error) {
	config := &auth.AuthorizationCodeHandlerConfig{
		DynamicClientRegistrationConfig: &auth.DynamicClientRegistrationConfig{
			Metadata: &oauthex.ClientRegistrationMetadata{
				ClientName:              w.order.OAuth.ClientName,
				RedirectURIs:            []string{redirect},
				GrantTypes:              []string{"authorization_code", "refresh_token"},
				ResponseTypes:           []string{"code"},
				TokenEndpointAuthMethod: "none",
				Scope:                   w.order.OAuth.Scope,
			},
		},
		AuthorizationCodeFetcher: w.authorize,
	}
	ofThisVersion(config)
	return auth.NewAuthorizationCodeHandler(config)
}

func (w *world) authorize(_ context.Context, args *auth.AuthorizationArgs) (*auth.AuthorizationResult, error) {
	w.talk.say(map[string]any{"open": args.URL})
	line, err := w.talk.hear()
	if err != nil {
		return nil, fmt.Errorf("no callback came: %w", err)
	}
	callback, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		return nil, err
	}
	query := callback.Query()
	if failed := query.Get("error"); failed != "" {
		return nil, fmt.Errorf("the authorization server answered %s: %s", failed, query.Get("error_description"))
	}
	return authorized(query), nil
}

// refreshAfter is how long it takes until the access token is over.
func (w *world) refreshAfter() time.Duration {
	if w.order.OAuth == nil {
		return 0
	}
	return time.Duration((w.order.OAuth.TokenSeconds + 2) * float64(time.Second))
}

// refresh waits until the access token ended; the call after it has to bring another.
func (w *world) refresh(ctx context.Context) error {
	before, err := w.accessToken(ctx)
	if err != nil {
		return err
	}
	time.Sleep(w.refreshAfter())
	if err := w.call(ctx); err != nil {
		return err
	}
	after, err := w.accessToken(ctx)
	if err == nil && after == before {
		return fmt.Errorf("the access token is the old one")
	}
	return err
}

func (w *world) accessToken(ctx context.Context) (string, error) {
	if w.handler == nil {
		return "", fmt.Errorf("this step needs oauth")
	}
	source, err := w.handler.TokenSource(ctx)
	if err != nil {
		return "", err
	}
	token, err := source.Token()
	if err != nil {
		return "", err
	}
	return token.AccessToken, nil
}
