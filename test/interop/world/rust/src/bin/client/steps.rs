//! The steps of the table.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    Job,
    connection::{Connection, connect, explain},
    oauth, print,
};

pub async fn run(job: &Job, lifecycle: &str) {
    let mut connection = Err("not connected".to_owned());
    for step in &job.steps {
        if step == "connect" || connection.is_err() {
            connection = connect(job, lifecycle).await;
        }
        let result = match &connection {
            Ok(connection) => run_step(connection, job, step).await,
            Err(why) => Err(why.clone()),
        };
        match result {
            Ok(()) => print(&json!({ "step": step, "ok": true })),
            Err(why) => print(&json!({ "step": step, "ok": false, "why": why })),
        }
    }
    if let Ok(mut connection) = connection {
        let _ = connection.service.close_with_timeout(Duration::from_secs(5)).await;
    }
}

async fn run_step(connection: &Connection, job: &Job, step: &str) -> Result<(), String> {
    match step {
        "connect" => Ok(()),
        "list" => list(connection).await,
        "call" => connection.echo().await,
        "progress" => connection.count(3, 100).await,
        "cancel" => cancel(connection).await,
        "elicitation" => connection.expect("ask", json!({}), "hello Ada").await,
        "sampling" => connection.expect("think", json!({ "text": "hm" }), "a thought").await,
        // The stream is cut after the second of these by who is between.
        "resume" => {
            connection
                .expect("count", json!({ "steps": 5, "delay_ms": 300 }), "counted 5")
                .await
        }
        "step-up" => step_up(connection, job).await,
        "refresh" => refresh(connection, job).await,
        _ => Err(format!("no such step: {step}")),
    }
}

async fn list(connection: &Connection) -> Result<(), String> {
    let tools = connection
        .service
        .list_all_tools()
        .await
        .map_err(|error| explain(&error))?;
    if tools.iter().any(|tool| tool.name == "echo") {
        return Ok(());
    }
    Err(format!("{} tools, no echo among them", tools.len()))
}

async fn cancel(connection: &Connection) -> Result<(), String> {
    let began = Instant::now();
    let handle = connection
        .start("wait", json!({ "ms": 10_000 }))
        .await
        .map_err(|error| explain(&error))?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    handle
        .cancel(Some("changed my mind".to_owned()))
        .await
        .map_err(|error| explain(&error))?;
    if began.elapsed() > Duration::from_secs(5) {
        return Err(format!("it ended after {:?}", began.elapsed()));
    }
    connection.echo().await
}

async fn step_up(connection: &Connection, job: &Job) -> Result<(), String> {
    let Err(error) = connection.call("secret", json!({})).await else {
        return Err("the first call was not refused".to_owned());
    };
    let challenge = error.auth_challenge().ok_or_else(|| explain(&error))?;
    oauth::step_up(&connection.http, &job.url, challenge).await?;
    connection.expect("secret", json!({}), "secret").await
}

async fn refresh(connection: &Connection, job: &Job) -> Result<(), String> {
    let asked = job.oauth.as_ref().ok_or("no OAuth in the job")?;
    let before = token(connection).await?;
    tokio::time::sleep(Duration::from_secs(asked.token_seconds + 2)).await;
    connection.echo().await?;
    if token(connection).await? == before {
        return Err("the same access token as before".to_owned());
    }
    Ok(())
}

async fn token(connection: &Connection) -> Result<String, String> {
    connection
        .http
        .get_access_token()
        .await
        .map_err(|error| error.to_string())
}
