// Rust's serde_json: for each hexadecimal line, method, name or URI, and id of each message, as hexadecimal UTF-8.
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::{stdin, stdout, BufRead, BufWriter, Write};

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Located {
    uri: String,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default)]
    method: String,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

type Reading = [Option<String>; 3];

fn hexed(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes_of(line: &str) -> Result<Vec<u8>, String> {
    (0..line.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&line[at..at + 2], 16).map_err(|error| error.to_string()))
        .collect()
}

fn identity(raw: &RawValue) -> Result<String, String> {
    let text = raw.get();
    if text.starts_with('"') {
        let value: String = serde_json::from_str(text).map_err(|error| error.to_string())?;
        return Ok(hexed(&format!("s{value}")));
    }
    let number: f64 = text.parse().map_err(|_| "no number".to_string())?;
    Ok(hexed(&format!("n{number:e}")))
}

fn reading(message: &Message) -> Result<Reading, String> {
    let params = message.params.map_or("{}", |raw| raw.get());
    let name = match message.method.as_str() {
        "tools/call" | "prompts/get" => serde_json::from_str(params).map(|it: Named| Some(it.name)),
        "resources/read" => serde_json::from_str(params).map(|it: Located| Some(it.uri)),
        _ => Ok(None),
    };
    let name = name.map_err(|error| error.to_string())?.map(|text| hexed(&text));
    let id = message.id.map(identity).transpose()?;
    Ok([Some(hexed(&message.method)), name, id])
}

fn told(line: &str) -> Result<Vec<Reading>, String> {
    let bytes = bytes_of(line)?;
    let first = bytes.iter().find(|byte| !b" \t\r\n".contains(byte));
    let messages: Vec<Message> = if first == Some(&b'[') {
        serde_json::from_slice(&bytes).map_err(|error| error.to_string())?
    } else {
        vec![serde_json::from_slice(&bytes).map_err(|error| error.to_string())?]
    };
    messages.iter().map(reading).collect()
}

fn main() {
    let mut out = BufWriter::new(stdout());
    for line in stdin().lock().lines() {
        let answer = match told(line.expect("a line").trim()) {
            Ok(readings) => serde_json::to_string(&readings).expect("texts"),
            Err(error) => format!("error {error}"),
        };
        writeln!(out, "{answer}").expect("a place to write to");
    }
}
