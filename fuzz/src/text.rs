//! How targets read their input, and how they look for it in what the library says.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use cognito_signout::transport::HttpResponse;
use serde_json::value::RawValue;

/// Stands in the corpora wherever a secret or foreign text can stand, and the fuzzer copies it around. No error contains it.
pub(crate) const MARK: &str = "hunter2";

/// Neither form of the error repeats what it was given.
pub(crate) fn assert_silent(error: &(impl Display + Debug)) {
    let said = format!("{error} {error:?}");
    assert!(!said.contains(MARK), "{said}");
}

/// The first line, and the rest.
pub(crate) fn first_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

/// The fields of a JSON object. In a field that nobody reads, the library accepts what is no text and a number that is too large.
pub(crate) fn fields(json: &[u8]) -> Option<BTreeMap<String, Box<RawValue>>> {
    serde_json::from_str(&String::from_utf8_lossy(json)).ok()
}

/// A response is written as in HTTP: the status in the first line, then the headers, an empty line, and the body.
pub(crate) fn response(data: &[u8]) -> HttpResponse {
    let end = data.windows(2).position(|two| two == b"\n\n").unwrap_or(data.len());
    let body = data.get(end + 2..).unwrap_or_default().to_vec();
    let head = String::from_utf8_lossy(&data[..end]);
    let (status, headers) = first_line(&head);
    let header = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_owned(), value.to_owned()))
    };
    HttpResponse {
        status: status.parse().unwrap_or(200),
        headers: headers.lines().filter_map(header).collect(),
        body: body.into(),
    }
}

#[test]
#[should_panic(expected = "hunter2")]
fn an_error_that_repeats_its_input_is_noticed() {
    assert_silent(&"not understood: hunter2");
}
