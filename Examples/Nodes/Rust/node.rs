//! A node for the workloads echo and broadcast: a thread for the gossip, state under a mutex, std only.
//!
//! A value is sent to each peer again and again until the peer acknowledges it.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

type Values = BTreeSet<i64>;

#[derive(Default)]
struct Node {
    id: String,
    values: Values,
    /// For each peer, the values that it is known to have.
    acknowledged: BTreeMap<String, Values>,
}

impl Node {
    fn send(&self, dest: &str, body: &str) {
        // One call for the line: threads do not mix theirs.
        let line = format!("{{\"src\":\"{}\",\"dest\":\"{dest}\",\"body\":{{{body}}}}}\n", self.id);
        let mut output = io::stdout().lock();
        output.write_all(line.as_bytes()).and_then(|()| output.flush()).expect("standard output is open");
    }

    fn send_values(&self, dest: &str, kind: &str, values: &Values) {
        self.send(dest, &format!("\"type\":\"{kind}\",\"messages\":{}", list(values)));
    }

    fn gossip(&self) {
        for (peer, known) in &self.acknowledged {
            let missing: Values = self.values.difference(known).copied().collect();
            if !missing.is_empty() {
                self.send_values(peer, "gossip", &missing);
            }
        }
    }

    fn start(&mut self, line: &str) {
        self.id = string(line, "node_id").to_owned();
        for peer in field(line, "node_ids").split('"').skip(1).step_by(2) {
            if peer != self.id {
                self.acknowledged.insert(peer.to_owned(), Values::new());
            }
        }
    }

    /// Returns what the reply has beside its type and the number of the request.
    fn handle(&mut self, source: &str, kind: &str, line: &str) -> String {
        match kind {
            "init" => self.start(line),
            "echo" => return format!(",\"echo\":{}", field(line, "echo")),
            "broadcast" => self.values.extend(numbers(field(line, "message"))),
            "read" => return format!(",\"messages\":{}", list(&self.values)),
            "gossip" | "gossip_ok" => {
                let values = numbers(field(line, "messages"));
                self.values.extend(&values);
                if kind == "gossip" {
                    self.send_values(source, "gossip_ok", &values);
                }
                self.acknowledged.get_mut(source).expect("a peer").extend(values);
            }
            _ => {}
        }
        String::new()
    }
}

/// The text of a field's value: what follows `"name":` up to the end of the value. This is enough of JSON for these
/// workloads: the values are numbers, lists without lists in them, and strings without quotes in them.
fn field<'a>(line: &'a str, name: &str) -> &'a str {
    let key = format!("\"{name}\":");
    let Some(start) = line.find(&key) else { return "" };
    let value = line[start + key.len()..].trim_start();
    let end = match value.as_bytes().first() {
        Some(b'"') => value[1..].find('"').map(|end| end + 2),
        Some(b'[') => value.find(']').map(|end| end + 1),
        _ => value.find([',', '}']),
    };
    &value[..end.unwrap_or(value.len())]
}

fn string<'a>(line: &'a str, name: &str) -> &'a str {
    field(line, name).trim_matches('"')
}

fn numbers(text: &str) -> Values {
    text.split(['[', ',', ']']).filter_map(|number| number.trim().parse().ok()).collect()
}

fn list(values: &Values) -> String {
    format!("{:?}", values.iter().collect::<Vec<_>>())
}

/// A random number below `limit`: the key of a new hasher is random.
fn random(limit: u64) -> u64 {
    RandomState::new().build_hasher().finish() % limit
}

fn gossip_forever(node: &Mutex<Node>) {
    loop {
        thread::sleep(Duration::from_millis(200 + random(100)));
        node.lock().expect("no thread panicked").gossip();
    }
}

fn main() {
    let node = Arc::new(Mutex::new(Node::default()));
    for line in io::stdin().lock().lines() {
        let line = line.expect("standard input is text");
        let (source, kind, number) = (string(&line, "src"), string(&line, "type"), field(&line, "msg_id"));
        let mut locked = node.lock().expect("no thread panicked");
        let rest = locked.handle(source, kind, &line);
        if !number.is_empty() {
            locked.send(source, &format!("\"type\":\"{kind}_ok\",\"in_reply_to\":{number}{rest}"));
        }
        if kind == "init" {
            let node = Arc::clone(&node);
            thread::spawn(move || gossip_forever(&node));
        }
    }
}
