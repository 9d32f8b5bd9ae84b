//! What a program printed, and its exit code.

use std::process::Output;

use serde_json::{Value, json};

pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Said {
    /// The only object on stdout; stderr must be empty. Its times, which no test can predict, become 0.
    pub(crate) fn object(&self) -> Value {
        assert_eq!(self.stderr, "");
        let mut object: Value = serde_json::from_str(&self.stdout).expect("one JSON value and nothing else");
        assert_eq!(self.stdout.lines().count(), 1);
        forget_times(&mut object);
        object
    }

    /// Neither whole nor by its secret last part.
    #[track_caller]
    pub(crate) fn assert_shows_none_of(&self, secrets: &[&str]) {
        for secret in secrets {
            let last = secret.rsplit('.').next().unwrap();
            assert!(!self.stdout.contains(last), "a secret is on stdout");
            assert!(!self.stderr.contains(last), "a secret is on stderr");
        }
    }
}

fn forget_times(object: &mut Value) {
    assert!(object["elapsed_ms"].is_u64(), "elapsed_ms is a whole number");
    object["elapsed_ms"] = json!(0);
    let results = object.get_mut("results").and_then(Value::as_array_mut);
    results.into_iter().flatten().for_each(forget_times);
}
