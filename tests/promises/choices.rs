//! Every sequence of choices, one run for each: a depth-first walk by replaying a prefix and going on with zeros.

/// The choices of one run, and from them those of the next.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    taken: Vec<(usize, usize)>,
    next: usize,
}

impl Choices {
    /// One of `of` ways to go on.
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

    /// Prepares the next run; false if there is none.
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
