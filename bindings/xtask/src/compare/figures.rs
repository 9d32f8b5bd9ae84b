//! What was measured, as data.

use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figures {
    /// Sentences: when, where, what.
    pub(super) about: Vec<String>,
    pub(super) cells: Vec<Cell>,
}

/// One library at one server, by one kind of sign-out, several times.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    pub(super) server: Server,
    pub(super) global: bool,
    pub(super) library: Library,
    /// Until the storage had no session any more.
    pub(super) signed_out: Times,
    /// Until the call returned.
    pub(super) result: Times,
    /// What the result said.
    pub(super) said: String,
    /// Which tokens were still stored when the call had returned or was given up.
    pub(super) left: String,
    /// Whether the library called the user signed in then.
    pub(super) signed_in: bool,
    /// Whether the server accepted the refresh token then.
    pub(super) live: bool,
    /// What the server had been asked.
    pub(super) requests: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Server {
    /// It answers after so many milliseconds.
    Delay(u64),
    /// It takes the request, and is silent.
    NeverAnswers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Library {
    Ours,
    Amplify,
}

impl Library {
    pub(super) const BOTH: [Self; 2] = [Self::Ours, Self::Amplify];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ours => "cognito-signout",
            Self::Amplify => "amplify-js",
        }
    }
}

impl Server {
    pub(super) fn name(self) -> String {
        match self {
            Self::Delay(millis) => format!("{millis} ms"),
            Self::NeverAnswers => "never answers".to_owned(),
        }
    }
}

/// In milliseconds, one for each repetition; `None` if it had not come when waiting ended.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Times(pub(super) Vec<Option<f64>>);

impl Times {
    /// The time within which this share of the repetitions was done; `None` if they were not.
    pub(super) fn within(&self, share: f64) -> Option<f64> {
        let mut sorted: Vec<f64> = self.0.iter().map(|time| time.unwrap_or(f64::INFINITY)).collect();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().checked_sub(1)?;
        let found = sorted[(share * last as f64).round() as usize];
        found.is_finite().then_some(found)
    }

    pub(super) fn median(&self) -> Option<f64> {
        self.within(0.5)
    }
}

impl Figures {
    pub(super) fn cell(&self, server: Server, global: bool, library: Library) -> Option<&Cell> {
        let is_it = |cell: &&Cell| cell.server == server && cell.global == global && cell.library == library;
        self.cells.iter().find(is_it)
    }

    /// One cell on a line.
    pub(super) fn to_json(&self) -> String {
        let cells: Vec<String> = self
            .cells
            .iter()
            .map(|cell| format!("    {}", cell.to_json()))
            .collect();
        format!(
            "{{\n  \"about\": {},\n  \"cells\": [\n{}\n  ]\n}}\n",
            json!(self.about),
            cells.join(",\n")
        )
    }

    pub(super) fn from_json(json: &str) -> Result<Self, String> {
        let json: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let list = |name: &str| json[name].as_array().ok_or_else(|| format!("no list {name}"));
        let about = list("about")?
            .iter()
            .filter_map(|sentence| Some(sentence.as_str()?.to_owned()));
        Ok(Self {
            about: about.collect(),
            cells: list("cells")?.iter().map(Cell::from_json).collect::<Result<_, _>>()?,
        })
    }
}

impl Cell {
    pub(super) fn to_json(&self) -> Value {
        json!({
            "delay_ms": match self.server { Server::Delay(millis) => Some(millis), Server::NeverAnswers => None },
            "global": self.global,
            "library": self.library.name(),
            "signed_out_ms": self.signed_out.0,
            "result_ms": self.result.0,
            "result": self.said,
            "left": self.left,
            "signed_in": self.signed_in,
            "refresh_token_live": self.live,
            "requests": self.requests,
        })
    }

    fn from_json(json: &Value) -> Result<Self, String> {
        let wrong = || format!("not a cell: {json}");
        let text = |name: &str| json[name].as_str().map(str::to_owned).ok_or_else(wrong);
        let flag = |name: &str| json[name].as_bool().ok_or_else(wrong);
        let times = |name: &str| {
            let times = json[name].as_array().ok_or_else(wrong)?;
            Ok::<_, String>(Times(times.iter().map(Value::as_f64).collect()))
        };
        let library = text("library")?;
        Ok(Self {
            server: json["delay_ms"].as_u64().map_or(Server::NeverAnswers, Server::Delay),
            global: flag("global")?,
            library: Library::BOTH
                .into_iter()
                .find(|known| known.name() == library)
                .ok_or_else(wrong)?,
            signed_out: times("signed_out_ms")?,
            result: times("result_ms")?,
            said: text("result")?,
            left: text("left")?,
            signed_in: flag("signed_in")?,
            live: flag("refresh_token_live")?,
            requests: text("requests")?,
        })
    }
}

/// With two or three digits: a finer figure would not be the same the next time.
pub(super) fn short(millis: f64) -> String {
    match millis {
        ..10.0 => format!("{millis:.2} ms"),
        10.0..1000.0 => format!("{millis:.0} ms"),
        _ => format!("{:.1} s", millis / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_not_come_counts_as_later_than_all_that_has() {
        let times = Times(vec![Some(3.0), None, Some(1.0), Some(2.0), None]);
        assert_eq!(times.median(), Some(3.0));
        assert_eq!((times.within(0.0), times.within(1.0)), (Some(1.0), None));
        assert_eq!(Times::default().median(), None);
    }

    #[test]
    fn times_have_few_digits() {
        let all = [0.312, 9.87, 104.6, 10_004.0].map(short);
        assert_eq!(all, ["0.31 ms", "9.87 ms", "105 ms", "10.0 s"]);
    }
}
