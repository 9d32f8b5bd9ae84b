//! The part of the usage that is about one command.

/// The lines about this command. If there is no such command: the names of all, without what they do.
pub(crate) fn about(command: &str, usage: &str) -> String {
    let (names, descriptions) = usage.split_once("\n\n").unwrap_or((usage, ""));
    let is_about = |line: &&str| {
        line.split_once("cargo xtask ")
            .is_some_and(|(_, rest)| first_word(rest) == command)
    };
    let Some(name) = names.lines().find(is_about) else {
        return names.to_owned();
    };
    let description = descriptions.split("\n\n").find(|lines| first_word(lines) == command);
    let name = name.replacen("usage:", "", 1);
    [&format!("usage: {}", name.trim()), "", description.unwrap_or_default()].join("\n")
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::USAGE;

    #[test]
    fn a_command_has_its_own_lines_alone() {
        let lines = about("release", USAGE);
        assert!(lines.starts_with("usage: cargo xtask release [--dry-run"), "{lines}");
        assert!(lines.contains("--same-bytes\n"), "{lines}");
        assert!(
            !lines.contains("release-notes") && !lines.contains("consume"),
            "{lines}"
        );
        assert!(about("test", USAGE).starts_with("usage: cargo xtask test [--all"));
    }

    #[test]
    fn what_is_no_command_has_the_names_of_all() {
        for command in ["tset", ""] {
            let lines = about(command, USAGE);
            assert!(
                lines.contains("cargo xtask test [") && lines.contains("cargo xtask picture"),
                "{lines}"
            );
            assert!(lines.lines().count() < 30, "{lines}");
        }
    }

    #[test]
    fn each_command_is_described() {
        let (names, _) = USAGE.split_once("\n\n").unwrap();
        for line in names.lines() {
            let (_, rest) = line.split_once("cargo xtask ").unwrap();
            let lines = about(first_word(rest), USAGE);
            assert!(lines.lines().count() > 2, "{lines}");
            assert!(lines.lines().nth(2).is_some_and(|line| !line.is_empty()), "{lines}");
        }
    }
}
