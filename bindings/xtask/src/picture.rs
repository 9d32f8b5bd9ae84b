//! The picture of the demo in README.md: `cargo run --example demo`, in colour, as an SVG. `tests/demo.rs` compares the text
//! of the picture with what the demo prints.

use std::fs;

use crate::process::cargo_command;
use crate::workspace;

const FILE: &str = "docs/images/demo.svg";

/// The paragraphs of the output that are shown, by their beginnings: two scenes, the table, and the verdict.
const SHOWN: [&str; 4] = ["1  ", "3  ", "   ", "Every claim"];

/// In pixels. A character of these fonts at this size is at most this wide.
const SIZE: (usize, usize, usize) = (14, 19, 8);

/// Colours for light and dark, each with a contrast of at least 4.5 to 1.
const STYLE: &str = "
    text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1f2328; white-space: pre; }
    .ground { fill: #ffffff; stroke: #d1d9e0; }
    .bold { font-weight: bold; } .dim { fill: #59636e; } .green { fill: #116329; } .red { fill: #a40e26; } .cyan { fill: #0b5394; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .ground { fill: #0d1117; stroke: #3d444d; }
      .dim { fill: #9198a1; } .green { fill: #4ae168; } .red { fill: #ff9492; } .cyan { fill: #71b7ff; }
    }
  ";

/// Runs the demo and writes the picture.
pub(crate) fn draw() -> Result<(), String> {
    let demo = cargo_command()
        .args(["run", "--quiet", "--example", "demo"])
        // Colour into a pipe (anstream).
        .env("CLICOLOR_FORCE", "1")
        .env_remove("NO_COLOR")
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    let printed = String::from_utf8_lossy(&demo.stdout);
    if !demo.status.success() {
        return Err(format!(
            "the demo failed:\n{printed}{}",
            String::from_utf8_lossy(&demo.stderr)
        ));
    }
    fs::write(workspace().join(FILE), svg(&shown(&printed)?)).map_err(|error| format!("{FILE}: {error}"))?;
    println!("{FILE} is new");
    Ok(())
}

/// The lines of the chosen paragraphs, with an empty line between two of them.
fn shown(printed: &str) -> Result<Vec<Vec<Span>>, String> {
    let paragraphs: Vec<Vec<Vec<Span>>> = printed
        .split("\n\n")
        .map(|paragraph| paragraph.trim_matches('\n').lines().map(spans).collect())
        .collect();
    let mut lines = Vec::new();
    for beginning in SHOWN {
        let found = paragraphs
            .iter()
            .find(|lines| lines.first().is_some_and(|line| text(line).starts_with(beginning)));
        let found = found.ok_or_else(|| format!("the demo prints no paragraph that begins with {beginning:?}"))?;
        if !lines.is_empty() {
            lines.push(Vec::new());
        }
        lines.extend(found.iter().cloned());
    }
    Ok(lines)
}

/// Text in one style: the names of its classes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    classes: String,
    text: String,
}

fn text(line: &[Span]) -> String {
    line.iter().map(|span| span.text.as_str()).collect()
}

/// Splits a line at its escape sequences (ECMA-48, "Select Graphic Rendition").
fn spans(line: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut classes: Vec<&str> = Vec::new();
    for (place, part) in line.split("\u{1b}[").enumerate() {
        let (codes, text) = if place == 0 {
            ("", part)
        } else {
            part.split_once('m').unwrap_or(("", part))
        };
        for code in codes.split(';').filter(|_| place > 0) {
            match code {
                "" | "0" => classes.clear(),
                "1" => classes.push("bold"),
                "2" => classes.push("dim"),
                "31" => classes.push("red"),
                "32" => classes.push("green"),
                "36" => classes.push("cyan"),
                _ => {}
            }
        }
        if !text.is_empty() {
            found.push(Span {
                classes: classes.join(" "),
                text: text.to_owned(),
            });
        }
    }
    found
}

fn svg(lines: &[Vec<Span>]) -> String {
    let (margin, line_height, character) = SIZE;
    let longest = lines
        .iter()
        .map(|line| text(line).trim_end().chars().count())
        .max()
        .unwrap_or(0);
    let (width, height) = (longest * character + 2 * margin, lines.len() * line_height + 2 * margin);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"title\">\n  <title id=\"title\">What `cargo run --example demo` prints</title>\n  \
         <style>{STYLE}</style>\n  <rect class=\"ground\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n",
        width - 1,
        height - 1
    );
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
        let y = margin + number * line_height + line_height * 3 / 4;
        svg.push_str(&format!("  <text x=\"{margin}\" y=\"{y}\" xml:space=\"preserve\">"));
        for span in line {
            let text = span.text.replace('&', "&amp;").replace('<', "&lt;");
            match span.classes.as_str() {
                "" => svg.push_str(&text),
                classes => svg.push_str(&format!("<tspan class=\"{classes}\">{text}</tspan>")),
            }
        }
        svg.push_str("</text>\n");
    }
    svg + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_classes_and_text_is_escaped() {
        let line = "  \u{1b}[1m\u{1b}[32m✓\u{1b}[0m a < b";
        assert_eq!(text(&spans(line)), "  ✓ a < b");
        let svg = svg(&[spans(line)]);
        assert!(
            svg.contains(">  <tspan class=\"bold green\">✓</tspan> a &lt; b</text>"),
            "{svg}"
        );
    }

    #[test]
    fn a_paragraph_that_the_demo_no_longer_prints_is_an_error() {
        let all = "1  one\n\n2  two\n\n3  three\n  more\n\n    table\n\nEvery claim\n";
        let lines = shown(all).unwrap_or_default();
        let lines: Vec<String> = lines.iter().map(|line| text(line)).collect();
        assert_eq!(
            lines,
            ["1  one", "", "3  three", "  more", "", "    table", "", "Every claim"]
        );
        assert!(shown("1  one\n\n2  two\n").is_err());
    }
}
