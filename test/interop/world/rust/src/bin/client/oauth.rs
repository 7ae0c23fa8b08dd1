//! The SDK's own OAuth. The person is whoever reads our output: an address to open goes out, the callback comes back.

use rmcp::transport::{
    AuthClient,
    auth::{AuthorizationCallback, AuthorizationRequest, OAuthState, WWWAuthenticateParams},
};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{Job, OAuthJob, connection::HttpClient, print};

/// Nothing listens there: the harness hands the callback over.
const REDIRECT: &str = "http://127.0.0.1:43117/callback";

/// From the challenge of a 401 to a client that has a token.
pub async fn sign_in(job: &Job, asked: &OAuthJob, challenge: &str) -> Result<HttpClient, String> {
    let mut state = OAuthState::new(job.url.as_str(), None)
        .await
        .map_err(|error| error.to_string())?;
    let request = AuthorizationRequest::new(REDIRECT)
        .with_client_name(asked.client_name.clone())
        .with_scopes(asked.scope.split_whitespace())
        .with_challenge(challenge);
    state
        .start_authorization(request)
        .await
        .map_err(|error| error.to_string())?;
    let address = state.get_authorization_url().await.map_err(|error| error.to_string())?;
    let callback = person(&address).await?;
    state
        .handle_callback_url(&callback)
        .await
        .map_err(|error| error.to_string())?;
    let manager = state.into_authorization_manager().ok_or("not signed in")?;
    Ok(AuthClient::new(reqwest::Client::new(), manager))
}

/// From the challenge of a 403 to a token with the scope that it names.
pub async fn step_up(http: &HttpClient, url: &str, challenge: &str) -> Result<(), String> {
    let base = url.parse().map_err(|_| "the URL does not parse")?;
    let scope = WWWAuthenticateParams::parse(challenge, &base).scope;
    let scope = scope.ok_or_else(|| format!("no scope in {challenge}"))?;
    let manager = http.auth_manager.lock().await;
    let address = manager
        .request_scope_upgrade(&scope)
        .await
        .map_err(|error| error.to_string())?;
    let callback = person(&address).await?;
    let callback = AuthorizationCallback::from_redirect_url(&callback).map_err(|error| error.to_string())?;
    manager
        .exchange_code_for_token_with_issuer(&callback.code, &callback.csrf_token, callback.issuer.as_deref())
        .await
        .map(|_| ())
        .map_err(|error| error.to_string())
}

async fn person(address: &str) -> Result<String, String> {
    print(&json!({ "open": address }));
    let mut line = String::new();
    let mut input = BufReader::new(tokio::io::stdin());
    input.read_line(&mut line).await.map_err(|error| error.to_string())?;
    Ok(line.trim().to_owned())
}
