//! Fields that a later version has put on record. This version does not understand them, and writes them again as they were.

use std::collections::BTreeMap;

use serde::de::value::Error;
use serde::de::{self, Deserializer, Visitor};
use serde::ser::{self, SerializeMap};
use serde::{Deserialize, Serialize, Serializer, forward_to_deserialize_any};
use serde_json::value::RawValue;

use crate::secret::Secret;

/// The fields of a JSON object that its type here does not have: the names, and the values as JSON. A value can be a secret, so
/// each is kept as one.
///
/// Its place is at the end of a struct, with `#[serde(flatten, skip_deserializing)]`. Only writing is flat. Reading such a
/// struct flat would copy its tokens into buffers that nobody wipes, and would lose the place of an error. So the fields
/// are looked for in the JSON itself, by [`beside`](Self::beside).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Unknown(BTreeMap<String, Secret>);

impl Unknown {
    /// What this JSON object has beyond the fields of `T`, a struct with `derive(Deserialize)`.
    pub(super) fn beside<'a, T: Deserialize<'a>>(object: &'a RawValue) -> serde_json::Result<Self> {
        let known = fields_of::<T>();
        // Borrowed values: nothing is copied.
        let all: BTreeMap<String, &RawValue> = serde_json::from_str(object.get())?;
        let unknown = all.into_iter().filter(|(name, _)| !known.contains(&name.as_str()));
        Ok(Self(unknown.map(|(name, value)| (name, value.get().into())).collect()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Unknown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            let value: &RawValue = serde_json::from_str(value.reveal()).map_err(<S::Error as ser::Error>::custom)?;
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The names of a struct's fields. `derive(Deserialize)` gives them to the deserializer, so that no list of them can be out of date.
fn fields_of<'a, T: Deserialize<'a>>() -> &'static [&'static str] {
    let mut fields: &'static [&'static str] = &[];
    // It never gives a value, so this is always an error.
    let _ = T::deserialize(Names(&mut fields));
    fields
}

struct Names<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom("it has names and no values"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map enum identifier ignored_any
    }
}
