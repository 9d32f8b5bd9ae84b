//! Property lists in XML: as much of the format as a framework's `Info.plist` needs.

/// A value of a property list.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    List(Vec<Value>),
    Dictionary(Vec<(&'static str, Value)>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The file with this dictionary. Its entries are in the order of their names, as Xcode writes them.
pub(crate) fn file(entries: Vec<(&'static str, Value)>) -> String {
    let mut file = String::from(concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n",
        "<plist version=\"1.0\">\n",
    ));
    write(&Value::Dictionary(entries), 0, &mut file);
    file.push_str("</plist>\n");
    file
}

fn write(value: &Value, depth: usize, file: &mut String) {
    let indent = "\t".repeat(depth);
    match value {
        Value::Text(text) => file.push_str(&format!("{indent}<string>{}</string>\n", escaped(text))),
        Value::List(values) => {
            file.push_str(&format!("{indent}<array>\n"));
            values.iter().for_each(|value| write(value, depth + 1, file));
            file.push_str(&format!("{indent}</array>\n"));
        }
        Value::Dictionary(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by_key(|(name, _)| *name);
            file.push_str(&format!("{indent}<dict>\n"));
            for (name, value) in entries {
                file.push_str(&format!("{indent}\t<key>{name}</key>\n"));
                write(value, depth + 1, file);
            }
            file.push_str(&format!("{indent}</dict>\n"));
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By a parser of other authors.
    #[test]
    fn a_property_list_is_read_as_it_was_written() {
        let file = file(vec![
            ("Second", Value::List(vec!["a & b".into(), "<c>".into()])),
            ("First", Value::Dictionary(vec![("Inner", "text".into())])),
        ]);
        let read = plist::Value::from_reader_xml(file.as_bytes()).unwrap();
        let read = read.as_dictionary().unwrap();
        assert_eq!(read.keys().collect::<Vec<_>>(), ["First", "Second"]);
        let second: Vec<_> = read["Second"]
            .as_array()
            .unwrap()
            .iter()
            .map(plist::Value::as_string)
            .collect();
        assert_eq!(second, [Some("a & b"), Some("<c>")]);
        assert_eq!(
            read["First"].as_dictionary().unwrap()["Inner"].as_string(),
            Some("text")
        );
    }
}
