//! One connection: how it begins, and its calls.

use std::{sync::atomic::Ordering, time::Duration};

use rmcp::{
    RoleClient, ServiceError,
    model::{CallToolRequest, CallToolRequestParams, CallToolResult, ClientRequest, ProtocolVersion},
    service::{
        ClientInitializeError, ClientLifecycleMode, ClientServiceExt, PeerRequestOptions, RequestHandle, RunningService,
    },
    transport::{
        StreamableHttpClientTransport,
        auth::{AuthClient, AuthorizationManager},
        streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::{Value, json};

use crate::{Job, handler::Handler, oauth};

/// No answer may take longer, whatever is between here and the server.
const LIMIT: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(20);
const POLLS: u32 = 50;

pub type HttpClient = AuthClient<reqwest::Client>;

pub struct Connection {
    pub service: RunningService<RoleClient, Handler>,
    pub http: HttpClient,
}

/// With the token of the job, or signed in once the server asks for it.
pub async fn connect(job: &Job, lifecycle: &str) -> Result<Connection, String> {
    let manager = AuthorizationManager::new(job.url.as_str())
        .await
        .map_err(|error| error.to_string())?;
    let http = AuthClient::new(reqwest::Client::new(), manager);
    let first = begin(job, lifecycle, &http).await;
    let (Err(error), Some(asked)) = (&first, &job.oauth) else {
        return first
            .map_err(|error| explain(&error))
            .map(|service| Connection { service, http });
    };
    let challenge = error.auth_challenge().ok_or_else(|| explain(error))?.to_owned();
    let http = oauth::sign_in(job, asked, &challenge).await?;
    let service = begin(job, lifecycle, &http).await.map_err(|error| explain(&error))?;
    Ok(Connection { service, http })
}

async fn begin(
    job: &Job,
    lifecycle: &str,
    http: &HttpClient,
) -> Result<RunningService<RoleClient, Handler>, ClientInitializeError> {
    // A session that is lost is told, not made anew: the table and the soak want to see it.
    let mut config = StreamableHttpClientTransportConfig::with_uri(job.url.as_str()).reinit_on_expired_session(false);
    if let Some(token) = &job.token {
        config = config.auth_header(token.clone());
    }
    let transport = StreamableHttpClientTransport::with_client(http.clone(), config);
    let mode = match lifecycle {
        "discover" => ClientLifecycleMode::Discover {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        },
        _ => ClientLifecycleMode::Initialize,
    };
    Handler::default().serve_with_lifecycle(transport, mode).await
}

impl Connection {
    pub async fn call(&self, tool: &'static str, arguments: Value) -> Result<String, ServiceError> {
        let request = self.service.call_tool(parameters(tool, arguments));
        let result = tokio::time::timeout(LIMIT, request)
            .await
            .map_err(|_| ServiceError::Timeout { timeout: LIMIT })??;
        Ok(text_of(&result))
    }

    /// A call that can be cancelled.
    pub async fn start(&self, tool: &'static str, arguments: Value) -> Result<RequestHandle<RoleClient>, ServiceError> {
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(parameters(tool, arguments)));
        self.service
            .send_cancellable_request(request, PeerRequestOptions::no_options())
            .await
    }

    pub async fn expect(&self, tool: &'static str, arguments: Value, text: &str) -> Result<(), String> {
        let said = self.call(tool, arguments).await.map_err(|error| explain(&error))?;
        if said == text {
            return Ok(());
        }
        Err(format!("{tool} said {said:?}, not {text:?}"))
    }

    pub async fn echo(&self) -> Result<(), String> {
        self.expect("echo", json!({ "text": "ahoy" }), "ahoy").await
    }

    /// `count`, and whether each step was reported.
    pub async fn count(&self, steps: usize, delay_ms: u64) -> Result<(), String> {
        let before = self.reported();
        let arguments = json!({ "steps": steps, "delay_ms": delay_ms });
        self.expect("count", arguments, &format!("counted {steps}")).await?;
        // The SDK hands notifications to tasks of their own, so the last of them may come after the answer.
        for _ in 0..POLLS {
            if self.reported() - before == steps {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
        Err(format!(
            "{} of {steps} progress notifications",
            self.reported() - before
        ))
    }

    fn reported(&self) -> usize {
        self.service.service().progress.load(Ordering::Relaxed)
    }
}

fn parameters(tool: &'static str, arguments: Value) -> CallToolRequestParams {
    let arguments = arguments.as_object().cloned().unwrap_or_default();
    CallToolRequestParams::new(tool).with_arguments(arguments)
}

fn text_of(result: &CallToolResult) -> String {
    let text = result.content.first().and_then(|content| content.as_text());
    text.map(|content| content.text.clone()).unwrap_or_default()
}

/// An error with all of its causes: the outermost alone says little.
pub fn explain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    words
}
