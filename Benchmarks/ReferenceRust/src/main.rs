//! A reference node: Maelstrom's echo on serde_json, as its tutorials for Rust write it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::io::{self, BufRead, Write};

#[derive(Serialize, Deserialize)]
struct Message {
    src: String,
    dest: String,
    body: Body,
}

#[derive(Serialize, Deserialize)]
struct Body {
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_reply_to: Option<u64>,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

fn main() -> io::Result<()> {
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let request: Message = serde_json::from_str(&line?)?;
        let mut fields = Map::new();
        if let Some(payload) = request.body.fields.get("echo") {
            fields.insert("echo".into(), payload.clone());
        }
        let reply = Message {
            src: request.dest,
            dest: request.src,
            body: Body {
                kind: request.body.kind + "_ok",
                msg_id: None,
                in_reply_to: request.body.msg_id,
                fields,
            },
        };
        serde_json::to_writer(&mut output, &reply)?;
        output.write_all(b"\n")?;
    }
    Ok(())
}
