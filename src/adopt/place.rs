//! JSON with secrets in it, read by a walk that knows at each step where it is.

use std::collections::BTreeMap;

use serde_json::Value;

use super::AdoptError;
use crate::json::Wiped;
use crate::secret::Secret;

/// A JSON value, wiped when it is dropped.
pub(super) struct Json {
    value: Wiped,
    place: String,
}

impl Json {
    /// `place` is the name of the item for errors.
    pub(super) fn parse(json: &str, place: &str) -> Result<Self, AdoptError> {
        match Wiped::parse(json) {
            Ok(value) => Ok(Self {
                value,
                place: place.to_owned(),
            }),
            Err(_) => Err(AdoptError::invalid(place, "JSON")),
        }
    }

    pub(super) fn root(&self) -> Node<'_> {
        Node {
            value: &self.value.0,
            place: self.place.clone(),
        }
    }
}

/// A place in a JSON value.
pub(super) struct Node<'a> {
    value: &'a Value,
    place: String,
}

impl<'a> Node<'a> {
    /// A field. `null` counts as missing.
    pub(super) fn optional(&self, field: &'static str) -> Option<Self> {
        let value = self.value.get(field).filter(|value| !value.is_null())?;
        Some(Self {
            value,
            place: self.inner(field),
        })
    }

    pub(super) fn field(&self, field: &'static str) -> Result<Self, AdoptError> {
        self.optional(field)
            .ok_or_else(|| AdoptError::missing(self.inner(field)))
    }

    fn inner(&self, field: &str) -> String {
        format!("{} / {field}", self.place)
    }

    pub(super) fn text(&self) -> Result<&'a str, AdoptError> {
        self.value
            .as_str()
            .ok_or_else(|| AdoptError::invalid(self.place.as_str(), "a string"))
    }

    pub(super) fn secret(&self) -> Result<Secret, AdoptError> {
        self.text().map(Secret::from)
    }

    pub(super) fn number(&self) -> Option<f64> {
        self.value.as_f64()
    }

    pub(super) fn is_true(&self) -> bool {
        self.value == &Value::Bool(true)
    }

    /// An error at this place.
    pub(super) fn must_be(&self, must: &'static str) -> AdoptError {
        AdoptError::invalid(self.place.as_str(), must)
    }

    /// The fields as texts.
    pub(super) fn items(&self) -> Result<BTreeMap<String, Secret>, AdoptError> {
        let fields = self.value.as_object().ok_or_else(|| self.must_be("a JSON object"))?;
        let items = fields.iter().map(|(name, value)| {
            let value = match value {
                Value::String(text) => Secret::from(text.as_str()),
                Value::Bool(_) | Value::Number(_) => Secret::from(value.to_string()),
                // Not its name, which may contain a username.
                _ => return Err(AdoptError::invalid(self.inner("<item>"), "a string")),
            };
            Ok((name.clone(), value))
        });
        items.collect()
    }
}
