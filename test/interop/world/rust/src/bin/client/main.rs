//! A client of the table on rmcp: `client initialize|discover JOB`, the job as JSON. It prints one JSON line a step.

mod connection;
mod handler;
mod oauth;
mod soak;
mod steps;

use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub url: String,
    pub token: Option<String>,
    pub oauth: Option<OAuthJob>,
    #[serde(default)]
    pub steps: Vec<String>,
    pub soak: Option<SoakJob>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OAuthJob {
    pub client_name: String,
    pub scope: String,
    pub token_seconds: u64,
}

#[derive(Deserialize)]
pub struct SoakJob {
    pub seconds: u64,
}

pub fn print(line: &Value) {
    println!("{line}");
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, lifecycle, job] = &arguments[..] else {
        panic!("usage: client initialize|discover JOB");
    };
    let job: Job = serde_json::from_str(job).expect("the job is JSON");
    match &job.soak {
        Some(soak) => soak::run(&job, lifecycle, soak.seconds).await,
        None => steps::run(&job, lifecycle).await,
    }
    print(&json!({ "done": true }));
    // Streams that a server keeps open must not keep the program.
    std::process::exit(0);
}
