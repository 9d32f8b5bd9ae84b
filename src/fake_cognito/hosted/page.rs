//! The pages' HTML: plain, complete, and without anything to load.

use crate::fake_cognito::wire::Response;

/// The form. The browser sends it to `/login` with the query of the page's own request.
pub(super) fn login(query: &str) -> Response {
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

pub(super) fn error(status: u16, what: &str) -> Response {
    page(
        status,
        "An error was encountered with the requested page.",
        &format!("<p>{}</p>", escape(what)),
    )
}

/// The empty icon stops browsers from requesting `/favicon.ico`.
fn page(status: u16, title: &str, content: &str) -> Response {
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
    Response::html(status, &html)
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
