//! The pages' HTML: plain, whole, and without a thing to fetch.

use crate::fake_cognito::wire::Answer;

/// The form, whose answer goes to `/login` with the query that the page was asked for with.
pub(super) fn login(query: &str) -> Answer {
    let query = escape(query);
    let form = format!(
        r#"<form method="post" action="/login?{query}">
<p><label for="username">Username</label> <input id="username" name="username" required autofocus></p>
<p><label for="password">Password</label> <input id="password" name="password" type="password"></p>
<p><button id="sign-in" type="submit">Sign in</button></p>
</form>"#
    );
    page(200, "Sign in", &form)
}

pub(super) fn error(status: u16, what: &str) -> Answer {
    page(
        status,
        "An error was encountered with the requested page.",
        &format!("<p>{}</p>", escape(what)),
    )
}

/// The icon keeps browsers from asking for `/favicon.ico`.
fn page(status: u16, title: &str, content: &str) -> Answer {
    let html = format!(
        r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title><link rel="icon" href="data:,"></head>
<body>
<h1>{title}</h1>
{content}
</body>
</html>
"#
    );
    Answer::html(status, &html)
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
