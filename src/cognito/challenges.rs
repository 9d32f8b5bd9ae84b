//! Reads the header `WWW-Authenticate` (RFC 9110, section 11.6.1): a list of challenges, each a scheme with parameters.
//!
//! It reads more than the grammar allows. API Gateway separates the parameters by spaces alone, without the commas: the
//! well-kept parsers (`http-auth`) refuse that. Nothing in the header is an error; what cannot be read is left out.

use std::iter::Peekable;
use std::str::Chars;

/// One challenge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Challenge {
    /// For example `bearer`, in lower case.
    pub(super) scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// A parameter's first value. `name` is in lower case.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        parameters
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }
}

/// The challenges of a header's value. Several header fields may be joined with commas.
pub(super) fn challenges(header: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut rest = header.chars().peekable();
    loop {
        while rest.next_if(|&next| !is_word(next)).is_some() {}
        let word = word(&mut rest);
        if word.is_empty() {
            return found;
        }
        skip_space(&mut rest);
        match (rest.next_if_eq(&'='), found.last_mut()) {
            (Some(_), Some(challenge)) => {
                skip_space(&mut rest);
                challenge.parameters.push((word, value(&mut rest)));
            }
            // A parameter of no challenge.
            (Some(_), None) => drop(value(&mut rest)),
            (None, _) => found.push(Challenge {
                scheme: word,
                parameters: Vec::new(),
            }),
        }
    }
}

/// A name in lower case, or the word of a `token68` such as `Negotiate` has.
fn word(rest: &mut Peekable<Chars<'_>>) -> String {
    let word = std::iter::from_fn(|| rest.next_if(|&next| is_word(next)));
    word.map(|next| next.to_ascii_lowercase()).collect()
}

/// A token, or a quoted string without its quotes and backslashes.
fn value(rest: &mut Peekable<Chars<'_>>) -> String {
    if rest.next_if_eq(&'"').is_none() {
        return std::iter::from_fn(|| rest.next_if(|&next| !is_space(next) && next != ',')).collect();
    }
    let mut value = String::new();
    while let Some(next) = rest.next().filter(|&next| next != '"') {
        let is_escape = next == '\\';
        value.extend(if is_escape { rest.next() } else { Some(next) });
    }
    value
}

fn skip_space(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|&next| is_space(next)).is_some() {}
}

fn is_space(next: char) -> bool {
    next.is_ascii_whitespace()
}

/// The characters of a token (RFC 9110, section 5.6.2), and the slash of a `token68`.
fn is_word(next: char) -> bool {
    next.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~/".contains(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The challenges as `scheme[name=value]`.
    fn read(header: &str) -> Vec<String> {
        let print = |challenge: Challenge| {
            let parameters = challenge.parameters.iter();
            let parameters: Vec<_> = parameters.map(|(name, value)| format!("{name}={value}")).collect();
            format!("{}[{}]", challenge.scheme, parameters.join("|"))
        };
        challenges(header).into_iter().map(print).collect()
    }

    #[test]
    fn the_grammar_of_rfc_9110_is_read() {
        for (header, expected) in [
            ("", &[][..]),
            ("Bearer", &["bearer[]"]),
            (r#"Bearer realm="a""#, &["bearer[realm=a]"]),
            (
                r#"BEARER Error = "invalid_token" , SCOPE=read"#,
                &["bearer[error=invalid_token|scope=read]"],
            ),
            // The example of section 11.6.1.
            (
                r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#,
                &[
                    "basic[realm=simple]",
                    r#"newauth[realm=apps|type=1|title=Login to "apps"]"#,
                ],
            ),
            (
                r#"Basic realm="Bearer error=\"invalid_token\", x", Bearer"#,
                &[r#"basic[realm=Bearer error="invalid_token", x]"#, "bearer[]"],
            ),
            (
                "Negotiate, NTLM,, ,Bearer error=a",
                &["negotiate[]", "ntlm[]", "bearer[error=a]"],
            ),
        ] {
            assert_eq!(read(header), expected, "{header}");
        }
    }

    #[test]
    fn parameters_without_commas_are_read_as_api_gateway_writes_them() {
        let header = r#"Bearer scope="" error="invalid_token" error_description="the token has expired""#;
        let expected = "bearer[scope=|error=invalid_token|error_description=the token has expired]";
        assert_eq!(read(header), [expected]);
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_the_rest_is_read() {
        let bearer = "bearer[error=invalid_token]";
        for before in ["=", "error=x,", "\"quoted\" ", ";;", "= = =,", "\u{fc}\u{0}"] {
            let header = format!("{before} Bearer error=invalid_token");
            assert!(
                read(&header).contains(&bearer.to_owned()),
                "{header}: {:?}",
                read(&header)
            );
        }
        assert_eq!(read(r#"Bearer error="not closed"#), ["bearer[error=not closed]"]);
        assert_eq!(read("Bearer error="), ["bearer[error=]"]);
        // A token68 becomes a parameter or a scheme of its own, never one of the next challenge.
        assert!(read("Negotiate YWJj/ZA==, Bearer error=invalid_token").contains(&bearer.to_owned()));
    }

    #[test]
    fn of_a_parameter_that_comes_twice_the_first_counts() {
        let twice = challenges("Bearer error=one, error=two");
        assert_eq!(twice[0].parameter("error"), Some("one"));
        assert_eq!(twice[0].parameter("realm"), None);
    }
}
