//go:build !old

package main

import (
	"net/url"

	"github.com/modelcontextprotocol/go-sdk/auth"
)

func ofThisVersion(config *auth.AuthorizationCodeHandlerConfig) { config.RequestRefreshToken = true }

func authorized(query url.Values) *auth.AuthorizationResult {
	return &auth.AuthorizationResult{Code: query.Get("code"), State: query.Get("state"), Iss: query.Get("iss")}
}
