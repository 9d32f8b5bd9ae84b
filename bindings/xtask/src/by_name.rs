//! What a command line chooses by name.

/// Those of all with these names, or all if none is named. `what` is the word for one of them.
pub(crate) fn choose<'all, T>(
    what: &str,
    all: &'all [T],
    name_of: impl Fn(&T) -> String,
    names: &[String],
) -> Result<Vec<&'all T>, String> {
    if names.is_empty() {
        return Ok(all.iter().collect());
    }
    let found = |name: &String| all.iter().find(|one| name_of(one) == *name);
    let chosen = names
        .iter()
        .map(|name| found(name).ok_or_else(|| unknown(what, name, all.iter().map(&name_of))));
    chosen.collect()
}

/// What is said of a name that nothing has.
pub(crate) fn unknown(what: &str, name: &str, known: impl Iterator<Item = String>) -> String {
    let known: Vec<_> = known.collect();
    let mut letters = what.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let heading: String = first.into_iter().chain(letters).collect();
    format!("unknown {what} {name}. {heading}s: {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_chosen_or_those_that_are_named_and_an_unknown_name_is_an_error_that_lists_all() {
        let choose = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            let chosen = choose("part", &["crate", "maven"], |part| (*part).to_owned(), &names);
            chosen.map(|chosen| chosen.into_iter().copied().collect::<Vec<_>>())
        };
        assert_eq!(choose(&[]), Ok(vec!["crate", "maven"]));
        assert_eq!(choose(&["maven"]), Ok(vec!["maven"]));
        let error = choose(&["maven", "crates"]).unwrap_err();
        assert_eq!(error, "unknown part crates. Parts: crate, maven");
    }
}
