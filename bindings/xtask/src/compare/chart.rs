//! The guide's chart: sign-outs of this device, which send the same request in both libraries. Bars are medians, thin lines reach
//! from the fastest tenth to the slowest.

use super::PATIENCE;
use super::figures::{Cell, Figures, Library, Server, Times, short};
use super::table::servers;

/// In pixels.
const NAMES: f64 = 124.0;
const PANEL: f64 = 330.0;
const LONGEST_BAR: f64 = 200.0;
const TOP: f64 = 84.0;
const ROW: f64 = 50.0;
const BAR: f64 = 16.0;

/// Colours for light and dark, each with a contrast of at least 4.5 to 1 as text, and of 3 to 1 as a bar.
const STYLE: &str = "
    text { font: 13px system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; fill: #1f2328; }
    .ground { fill: #ffffff; stroke: #d1d9e0; } .heading { font-weight: 600; } .dim { fill: #59636e; }
    .ours { fill: #0b5394; } .amplify { fill: #b35900; } .spread { stroke: #1f2328; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; } .ground { fill: #0d1117; stroke: #3d444d; } .dim { fill: #9198a1; }
      .ours { fill: #71b7ff; } .amplify { fill: #f0a35e; } .spread { stroke: #f0f6fc; }
    }
  ";

pub(super) fn svg(figures: &Figures) -> String {
    let servers = servers(figures, false);
    let longest = figures
        .cells
        .iter()
        .filter(|cell| !cell.global && cell.server != Server::NeverAnswers);
    let longest = longest.filter_map(|cell| cell.result.within(0.9)).fold(1.0, f64::max);
    let (width, height) = (NAMES + 2.0 * PANEL + 20.0, TOP + servers.len() as f64 * ROW + 24.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"title\">\n  <title id=\"title\">Time until this device is signed out, and until the result, of \
         cognito-signout and amplify-js, by the server's delay</title>\n  <style>{STYLE}</style>\n  \
         <rect class=\"ground\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n",
        width - 1.0,
        height - 1.0
    );
    for (place, library) in Library::BOTH.into_iter().enumerate() {
        let x = NAMES + 150.0 * place as f64;
        svg.push_str(&format!(
            "  <rect class=\"{}\" x=\"{x}\" y=\"18\" width=\"12\" height=\"12\"/>\n",
            class(library)
        ));
        svg.push_str(&text(x + 18.0, 29.0, "", library.name()));
    }
    svg.push_str(&text(14.0, 66.0, "dim", "server's delay"));
    let panels = [
        (
            "Signed out on this device",
            (|cell: &Cell| cell.signed_out.clone()) as fn(&Cell) -> Times,
        ),
        ("The call returns", |cell: &Cell| cell.result.clone()),
    ];
    for (place, (heading, times)) in panels.into_iter().enumerate() {
        let x = NAMES + PANEL * place as f64;
        svg.push_str(&text(x, 66.0, "heading", heading));
        for (row, server) in servers.iter().enumerate() {
            let y = TOP + ROW * row as f64;
            if place == 0 {
                svg.push_str(&text(14.0, y + BAR + 6.0, "", &server.name()));
            }
            for (bar, library) in Library::BOTH.into_iter().enumerate() {
                if let Some(cell) = figures.cell(*server, false, library) {
                    let y = y + (BAR + 3.0) * bar as f64;
                    svg.push_str(&one_bar(x, y, library, &times(cell), longest));
                }
            }
        }
    }
    svg + "</svg>\n"
}

/// A bar with its time. One that is longer than the panel has two cuts: its length would say nothing.
fn one_bar(x: f64, y: f64, library: Library, times: &Times, longest: f64) -> String {
    let length = |millis: f64| (LONGEST_BAR * millis / longest).max(1.0);
    let median = times.median();
    let (bar, label) = match median {
        Some(median) => (length(median), short(median)),
        None => (f64::INFINITY, format!("not in {PATIENCE} s")),
    };
    let fits = bar <= LONGEST_BAR;
    let shown = if fits { bar } else { LONGEST_BAR + 20.0 };
    let class = class(library);
    let mut svg = format!("  <rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{shown:.1}\" height=\"{BAR}\"/>\n");
    if !fits {
        for cut in [8.0, 14.0] {
            let cut = x + shown - cut;
            svg.push_str(&format!(
                "  <rect class=\"ground\" x=\"{cut:.1}\" y=\"{}\" width=\"2\" height=\"{}\"/>\n",
                y - 1.0,
                BAR + 2.0
            ));
        }
    }
    let mut end = x + shown;
    if let (true, Some(low), Some(high)) = (fits, times.within(0.1), times.within(0.9)) {
        let (from, to, middle) = (x + length(low), x + length(high), y + BAR / 2.0);
        svg.push_str(&format!(
            "  <line class=\"spread\" x1=\"{from:.1}\" x2=\"{to:.1}\" y1=\"{middle}\" y2=\"{middle}\"/>\n"
        ));
        end = end.max(to);
    }
    svg + &text(end + 6.0, y + BAR - 3.0, "", &label)
}

fn class(library: Library) -> &'static str {
    match library {
        Library::Ours => "ours",
        Library::Amplify => "amplify",
    }
}

fn text(x: f64, y: f64, class: &str, text: &str) -> String {
    format!("  <text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>\n")
}
