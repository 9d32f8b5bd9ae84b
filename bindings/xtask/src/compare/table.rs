//! The guide's tables.

use super::PATIENCE;
use super::figures::{Cell, Figures, Library, Server, Times, short};

pub(super) fn markdown(figures: &Figures) -> String {
    let mut text = format!("\n{}\n", figures.about.join("\n"));
    for (global, heading) in [(false, "Sign-out of this device"), (true, "Sign-out everywhere")] {
        text.push_str(&format!("\n**{heading}**\n\n"));
        text.push_str("| the server answers after | signed out on the device: cognito-signout | amplify-js | the call returns: cognito-signout | amplify-js |\n");
        text.push_str("|---|---|---|---|---|\n");
        for server in servers(figures, global) {
            let mut row = format!("| {}", row_name(server));
            for times in [|cell: &Cell| cell.signed_out.clone(), |cell: &Cell| cell.result.clone()] {
                for library in Library::BOTH {
                    let cell = figures.cell(server, global, library).map(times);
                    row.push_str(&format!(" | {}", spread(&cell.unwrap_or_default())));
                }
            }
            text.push_str(&format!("{row} |\n"));
        }
    }
    text.push_str("\n**What was reached**\n\n");
    text.push_str("| sign-out | library | the server | requests | the result said | tokens still stored | signed in then | the refresh token at the server |\n");
    text.push_str("|---|---|---|---|---|---|---|---|\n");
    for global in [false, true] {
        for library in Library::BOTH {
            let of_it = |cell: &&Cell| cell.global == global && cell.library == library;
            let mut shown: Vec<&Cell> = Vec::new();
            for cell in figures.cells.iter().filter(of_it) {
                if !shown.iter().any(|shown| has_same_effect(shown, cell)) {
                    shown.push(cell);
                    text.push_str(&effect(cell));
                }
            }
        }
    }
    text.push('\n');
    text
}

/// In the order of the data.
pub(super) fn servers(figures: &Figures, global: bool) -> Vec<Server> {
    let mut servers = Vec::new();
    for cell in figures.cells.iter().filter(|cell| cell.global == global) {
        if !servers.contains(&cell.server) {
            servers.push(cell.server);
        }
    }
    servers
}

fn row_name(server: Server) -> String {
    match server {
        Server::Delay(_) => server.name(),
        Server::NeverAnswers => "never".to_owned(),
    }
}

fn spread(times: &Times) -> String {
    match (times.within(0.1), times.median(), times.within(0.9)) {
        (Some(low), Some(median), Some(high)) => format!("{} ({} to {})", short(median), short(low), short(high)),
        _ => format!("not within {PATIENCE} s"),
    }
}

fn has_same_effect(one: &Cell, other: &Cell) -> bool {
    let of = |cell: &Cell| {
        (
            cell.said.clone(),
            cell.left.clone(),
            cell.signed_in,
            cell.live,
            cell.requests.clone(),
        )
    };
    of(one) == of(other)
}

fn effect(cell: &Cell) -> String {
    let or_none = |text: &str| if text.is_empty() { "none" } else { text }.to_owned();
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
        if cell.global { "everywhere" } else { "this device" },
        cell.library.name(),
        if cell.server == Server::NeverAnswers {
            "never answers"
        } else {
            "answers"
        },
        or_none(&cell.requests),
        match cell.said.as_str() {
            "none" => format!("nothing within {PATIENCE} s"),
            said => said.to_owned(),
        },
        or_none(&cell.left),
        if cell.signed_in { "yes" } else { "no" },
        if cell.live { "accepted" } else { "refused" },
    )
}
