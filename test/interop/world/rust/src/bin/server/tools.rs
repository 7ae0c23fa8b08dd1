//! The tools. A question to the client is a request of its own before 2026-07-28, and part of the result from then on.
#![allow(deprecated, reason = "sampling is deprecated in 2026-07-28 and still in use")]

use std::{sync::Arc, time::Duration};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, CreateMessageRequest,
        CreateMessageRequestParams, ElicitRequest, ElicitRequestParams, Implementation, InputRequest, InputRequests,
        InputRequiredResult, ListToolsResult, PaginatedRequestParams, ProgressNotificationParam, SamplingMessage,
        ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
};
use serde_json::{Value, json};

#[derive(Clone)]
pub struct Tools;

type Context = RequestContext<RoleServer>;

impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        ServerConfig::new(capabilities).with_server_info(Implementation::new("world-rust", "1"))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: Context,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = [
            tool("echo", "Says it again", json!({ "text": { "type": "string" } })),
            tool(
                "count",
                "Reports each step",
                json!({ "steps": { "type": "integer" }, "delay_ms": { "type": "integer" } }),
            ),
            tool("wait", "Waits", json!({ "ms": { "type": "integer" } })),
            tool("ask", "Asks for a name", json!({})),
            tool(
                "think",
                "Asks the client's model",
                json!({ "text": { "type": "string" } }),
            ),
            tool("secret", "Needs one more scope", json!({})),
        ];
        Ok(ListToolsResult::with_all_items(tools.to_vec()))
    }

    async fn call_tool(&self, request: CallToolRequestParams, context: Context) -> Result<CallToolResponse, ErrorData> {
        let arguments = Value::Object(request.arguments.clone().unwrap_or_default());
        match request.name.as_ref() {
            "echo" => Ok(text(arguments["text"].as_str().unwrap_or_default())),
            "count" => count(&arguments, &context).await,
            "wait" => Ok(wait(&arguments, &context).await),
            "ask" => ask(&request, &context).await,
            "think" => think(&request, &context, arguments["text"].as_str().unwrap_or_default()).await,
            "secret" => Ok(text("secret")),
            _ => Err(ErrorData::invalid_params("no such tool", None)),
        }
    }
}

fn tool(name: &'static str, description: &'static str, properties: Value) -> Tool {
    let required: Vec<&String> = properties
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key)
        .collect();
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    Tool::new(
        name,
        description,
        Arc::new(schema.as_object().cloned().unwrap_or_default()),
    )
}

fn text(words: &str) -> CallToolResponse {
    CallToolResult::success(vec![ContentBlock::text(words)]).into()
}

async fn count(arguments: &Value, context: &Context) -> Result<CallToolResponse, ErrorData> {
    let steps = arguments["steps"].as_u64().unwrap_or(0);
    let delay = Duration::from_millis(arguments["delay_ms"].as_u64().unwrap_or(0));
    for step in 1..=steps {
        tokio::time::sleep(delay).await;
        let Some(token) = context.meta.get_progress_token() else {
            continue;
        };
        let progress = ProgressNotificationParam::new(token, step as f64).with_total(steps as f64);
        context.peer.notify_progress(progress).await.map_err(internal)?;
    }
    Ok(text(&format!("counted {steps}")))
}

async fn wait(arguments: &Value, context: &Context) -> CallToolResponse {
    let time = Duration::from_millis(arguments["ms"].as_u64().unwrap_or(0));
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = context.ct.cancelled() => println!("cancelled"),
    }
    text("waited")
}

async fn ask(request: &CallToolRequestParams, context: &Context) -> Result<CallToolResponse, ErrorData> {
    let schema = json!({ "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] });
    let form = ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: "What is your name?".to_owned(),
        requested_schema: serde_json::from_value(schema).map_err(internal)?,
    };
    let answer = if has_sessions(context) {
        let result = context.peer.create_elicitation(form).await.map_err(internal)?;
        result.content
    } else {
        match answered(request, "name") {
            Some(answer) => Some(answer["content"].clone()),
            None => return Ok(ask_first("name", InputRequest::Elicitation(ElicitRequest::new(form)))),
        }
    };
    let name = answer
        .as_ref()
        .and_then(|content| content["name"].as_str())
        .unwrap_or("nobody");
    Ok(text(&format!("hello {name}")))
}

async fn think(request: &CallToolRequestParams, context: &Context, words: &str) -> Result<CallToolResponse, ErrorData> {
    let question = CreateMessageRequestParams::new(vec![SamplingMessage::user_text(words)], 100);
    let answer = if has_sessions(context) {
        let result = context.peer.create_message(question).await.map_err(internal)?;
        serde_json::to_value(result).map_err(internal)?
    } else {
        match answered(request, "thought") {
            Some(answer) => answer.clone(),
            None => {
                return Ok(ask_first(
                    "thought",
                    InputRequest::CreateMessage(CreateMessageRequest::new(question)),
                ));
            }
        }
    };
    Ok(text(answer["content"]["text"].as_str().unwrap_or_default()))
}

fn has_sessions(context: &Context) -> bool {
    context
        .protocol_version()
        .is_none_or(|version| version.has_initialize())
}

fn answered<'a>(request: &'a CallToolRequestParams, key: &str) -> Option<&'a Value> {
    request.input_responses.as_ref()?.get(key)
}

fn ask_first(key: &str, question: InputRequest) -> CallToolResponse {
    let questions = InputRequests::from([(key.to_owned(), question)]);
    InputRequiredResult::new(Some(questions), None).into()
}

fn internal(error: impl std::error::Error) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}
