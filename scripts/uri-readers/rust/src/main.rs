//! What the `url` crate reads in each URI of a JSON list: parts, or null where it refuses.
use percent_encoding::percent_decode_str;
use serde_json::{json, Value};
use url::Url;

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn read(text: &str) -> Value {
    match Url::parse(text) {
        Err(_) => Value::Null,
        Ok(url) => json!([
            url.scheme(),
            decoded(url.host_str().unwrap_or("")),
            url.port(),
            decoded(url.path()),
            url.query().unwrap_or("")
        ]),
    }
}

fn main() {
    let uris: Vec<String> = serde_json::from_reader(std::io::stdin()).expect("a JSON list of strings");
    let all: Vec<Value> = uris.iter().map(|uri| read(uri)).collect();
    println!("{}", json!({ "version": "2.5.8", "read": all }));
}
