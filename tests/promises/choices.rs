//! Every sequence of choices, one run for each. It is a depth-first search: each run replays a prefix and then chooses zeros.

/// The choices of one run, from which those of the next are made.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    taken: Vec<(usize, usize)>,
    next: usize,
}

impl Choices {
    /// Chooses one of `of` ways to go on.
    pub(crate) fn choose(&mut self, of: usize) -> usize {
        if self.next == self.taken.len() {
            self.taken.push((0, of));
        }
        let (choice, recorded) = self.taken[self.next];
        assert_eq!(
            recorded, of,
            "the run is not the same as before up to here: {:?}",
            self.taken
        );
        self.next += 1;
        choice
    }

    /// Whether the next choice is not one of an earlier run.
    pub(crate) fn is_new_here(&self) -> bool {
        self.next == self.taken.len()
    }

    /// Prepares the next run. False if there is none.
    pub(crate) fn advance(&mut self) -> bool {
        assert_eq!(
            self.next,
            self.taken.len(),
            "the run ended before its choices did: {:?}",
            self.taken
        );
        self.next = 0;
        while let Some((choice, of)) = self.taken.pop() {
            if choice + 1 < of {
                self.taken.push((choice + 1, of));
                return true;
            }
        }
        false
    }
}
