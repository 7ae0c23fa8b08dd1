//! Mixed use for so long: idle, calls, progress streams, one session for all of it.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    Job,
    connection::{Connection, connect},
    print,
};

const LONGEST_IDLE_MS: u64 = 20_000;

pub async fn run(job: &Job, lifecycle: &str, seconds: u64) {
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut connection = connect(job, lifecycle).await;
    let mut seed = u64::from(std::process::id());
    let mut round = 0;
    while Instant::now() < until {
        round += 1;
        let result = match &connection {
            Ok(connection) => use_once(connection, round).await,
            Err(why) => Err(format!("not connected: {why}")),
        };
        match &result {
            Ok(()) => print(&json!({ "round": round, "ok": true })),
            Err(why) => {
                let lost = why.contains("Session expired");
                print(&json!({ "round": round, "ok": false, "why": why, "lost": lost }));
                if lost || connection.is_err() {
                    connection = connect(job, lifecycle).await;
                }
            }
        }
        let left = until.saturating_duration_since(Instant::now());
        let idle = Duration::from_millis(next_random(&mut seed) % LONGEST_IDLE_MS);
        tokio::time::sleep(idle.min(left)).await;
    }
}

async fn use_once(connection: &Connection, round: u64) -> Result<(), String> {
    match round % 3 {
        0 => connection.count(5, 400).await,
        1 => connection.echo().await,
        _ => {
            connection.echo().await?;
            connection.count(2, 100).await
        }
    }
}

/// xorshift64: what the pauses are is of no account, only that they differ.
fn next_random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}
