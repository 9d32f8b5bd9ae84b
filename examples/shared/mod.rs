//! The skeleton of the command-line examples: how a program runs, what it prints, and how it reports an error.

pub(crate) mod print;
pub(crate) mod problem;
pub(crate) mod program;
pub(crate) mod sessions;
