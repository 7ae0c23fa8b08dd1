//! The tools of the table on rmcp: `server PORT`, on loopback, or `server stdio`. Sessions as its SDK makes them, none with
//! STATELESS=1.

mod tools;

use std::{sync::Arc, time::Duration};

use rmcp::{
    ServiceExt,
    transport::{
        stdio,
        streamable_http_server::{
            StreamableHttpServerConfig, StreamableHttpService,
            session::local::{LocalSessionManager, SessionConfig},
        },
    },
};

use crate::tools::Tools;

/// A client that was cut off comes back after so long.
const RETRY: Duration = Duration::from_millis(200);

#[tokio::main]
async fn main() {
    let place = std::env::args().nth(1).unwrap_or_default();
    if place == "stdio" {
        let service = Tools.serve(stdio()).await.expect("it begins");
        service.waiting().await.expect("it serves");
    } else {
        serve_http(place.parse().expect("usage: server PORT, or server stdio")).await;
    }
}

async fn serve_http(port: u16) {
    let stateful = std::env::var_os("STATELESS").is_none();
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(stateful)
        .with_sse_retry(Some(RETRY));
    let mut sessions = LocalSessionManager::default();
    sessions.session_config = SessionConfig::default();
    sessions.session_config.sse_retry = Some(RETRY);
    let service = StreamableHttpService::new(|| Ok(Tools), Arc::new(sessions), config);
    let router = axum::Router::new().nest_service("/mcp", service);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
        .await
        .expect("the port is free");
    println!("ready");
    axum::serve(listener, router).await.expect("it serves");
}
