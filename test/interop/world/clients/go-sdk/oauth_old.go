//go:build old

package main

import (
	"net/url"

	"github.com/modelcontextprotocol/go-sdk/auth"
)

// go-sdk 1.6.1 knows neither offline_access nor the iss of the callback (RFC 9207).
func ofThisVersion(*auth.AuthorizationCodeHandlerConfig) {}

func authorized(query url.Values) *auth.AuthorizationResult {
	return &auth.AuthorizationResult{Code: query.Get("code"), State: query.Get("state")}
}
