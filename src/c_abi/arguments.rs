//! Reads what the host sends: objects whose every field is known. A field that is null counts as unset.

use serde_json::{Map, Value};

use crate::error::ErrorCode;
use crate::json::Wiped;
use crate::{Secret, StepError};

/// The fields of one object. What is left is wiped.
pub(super) struct Fields {
    fields: Map<String, Value>,
    /// Where the object stands, for errors: `args.hosted_ui`.
    place: String,
}

impl Drop for Fields {
    fn drop(&mut self) {
        drop(Wiped(Value::Object(std::mem::take(&mut self.fields))));
    }
}

impl Fields {
    /// Null counts as an object without fields.
    pub(super) fn of(value: Value, place: &str) -> Result<Self, StepError> {
        match value {
            Value::Object(fields) => Ok(Self {
                fields,
                place: place.to_owned(),
            }),
            Value::Null => Ok(Self {
                fields: Map::new(),
                place: place.to_owned(),
            }),
            other => {
                drop(Wiped(other));
                Err(wrong(place, "an object"))
            }
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name).filter(|value| !value.is_null())
    }

    fn place_of(&self, name: &str) -> String {
        match self.place.is_empty() {
            true => name.to_owned(),
            false => format!("{}.{name}", self.place),
        }
    }

    /// An error about one field.
    pub(super) fn wrong(&self, name: &str, must: &str) -> StepError {
        wrong(&self.place_of(name), must)
    }

    /// Refuses what nobody has read: a name that does not exist, or that has no meaning here.
    pub(super) fn end(self) -> Result<(), StepError> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(name) => {
                let unknown = format!("{}: there is no such field here", self.place_of(name));
                Err(StepError::new(ErrorCode::InvalidInput, unknown))
            }
        }
    }

    pub(super) fn any(&mut self, name: &str) -> Value {
        self.take(name).unwrap_or_default()
    }

    pub(super) fn maybe_text(&mut self, name: &str) -> Result<Option<String>, StepError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => {
                drop(Wiped(other));
                Err(self.wrong(name, "a text"))
            }
        }
    }

    pub(super) fn text(&mut self, name: &str) -> Result<String, StepError> {
        self.maybe_text(name)?.ok_or_else(|| self.wrong(name, "a text"))
    }

    pub(super) fn maybe_secret(&mut self, name: &str) -> Result<Option<Secret>, StepError> {
        Ok(self.maybe_text(name)?.map(Secret::new))
    }

    pub(super) fn secret(&mut self, name: &str) -> Result<Secret, StepError> {
        self.text(name).map(Secret::new)
    }

    pub(super) fn maybe_flag(&mut self, name: &str) -> Result<Option<bool>, StepError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.wrong(name, "true or false")),
        }
    }

    /// False if it is unset.
    pub(super) fn flag(&mut self, name: &str) -> Result<bool, StepError> {
        Ok(self.maybe_flag(name)?.unwrap_or_default())
    }

    pub(super) fn maybe_number(&mut self, name: &str) -> Result<Option<i64>, StepError> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => match value.as_i64() {
                Some(number) => Ok(Some(number)),
                None => Err(self.wrong(name, "a whole number")),
            },
        }
    }

    pub(super) fn number(&mut self, name: &str) -> Result<i64, StepError> {
        let number = self.maybe_number(name)?;
        number.ok_or_else(|| self.wrong(name, "a whole number"))
    }

    /// A number that the host got from the library, or gave to it.
    pub(super) fn id(&mut self, name: &str) -> Result<u64, StepError> {
        let id = self.take(name).as_ref().and_then(Value::as_u64);
        id.ok_or_else(|| self.wrong(name, "a number that names something"))
    }

    pub(super) fn maybe_object(&mut self, name: &str) -> Result<Option<Self>, StepError> {
        let place = self.place_of(name);
        self.take(name).map(|value| Self::of(value, &place)).transpose()
    }

    pub(super) fn object(&mut self, name: &str) -> Result<Self, StepError> {
        self.maybe_object(name)?.ok_or_else(|| self.wrong(name, "an object"))
    }

    /// Empty if it is unset.
    pub(super) fn list(&mut self, name: &str) -> Result<Vec<Value>, StepError> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => Ok(values),
            Some(other) => {
                drop(Wiped(other));
                Err(self.wrong(name, "a list"))
            }
        }
    }

    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, StepError> {
        let texts = self.list(name)?.into_iter().map(|value| match value {
            Value::String(text) => Ok(text),
            _ => Err(self.wrong(name, "a list of texts")),
        });
        texts.collect()
    }

    /// Each field with its name: for an object whose names the host chooses.
    pub(super) fn each(mut self) -> impl Iterator<Item = (String, Value)> {
        std::mem::take(&mut self.fields).into_iter()
    }
}

fn wrong(place: &str, must: &str) -> StepError {
    StepError::new(ErrorCode::InvalidInput, format!("{place}: it must be {must}"))
}
