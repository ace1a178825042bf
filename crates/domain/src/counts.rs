//! The numbers of rows beside a list.

use super::number::grouped;
use std::fmt;

/// The number of rows up to which a list is counted that has a filter.
pub const MOST_COUNTED: u32 = 10_000;

/// A number of rows. As text it is `4,812`, or `10,000+` if there are more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    pub number: u64,
    /// `false` if there may be more, which nobody has counted.
    pub is_exact: bool,
}

/// How many rows of a list are in each state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts<S> {
    by_state: Vec<(S, u64)>,
    is_exact: bool,
}

impl Total {
    pub fn exact(number: u64) -> Self {
        Self { number, is_exact: true }
    }

    /// Returns the number with the right form of the noun: `1 person`, `10,000+ people`.
    pub fn plural(self, one: &str, many: &str) -> String {
        let is_one = self == Self::exact(1);
        format!("{self} {}", if is_one { one } else { many })
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", grouped(self.number), if self.is_exact { "" } else { "+" })
    }
}

impl<S: Copy + PartialEq> Counts<S> {
    /// Returns the counts of all rows. A state may occur several times.
    pub fn exact(by_state: Vec<(S, u64)>) -> Self {
        Self { by_state, is_exact: true }
    }

    /// Returns the counts for a count that ended after [`MOST_COUNTED`] rows and one more.
    pub fn up_to_most(mut by_state: Vec<(S, u64)>) -> Self {
        let is_exact = sum(&by_state, |_| true) <= u64::from(MOST_COUNTED);
        if let (false, Some((_, most))) = (is_exact, by_state.iter_mut().max_by_key(|(_, count)| *count)) {
            // the one more is only there to tell that there are more
            *most -= 1;
        }
        Self { by_state, is_exact }
    }

    /// Returns the number of rows in this state, or in all.
    pub fn of(&self, state: impl Into<Option<S>>) -> Total {
        let state = state.into();
        let number = sum(&self.by_state, |of| state.is_none_or(|state| state == of));
        Total { number, is_exact: self.is_exact }
    }

    /// Returns the number of rows in one of these states.
    pub fn of_any(&self, states: &[S]) -> Total {
        Total { number: sum(&self.by_state, |of| states.contains(&of)), is_exact: self.is_exact }
    }

    pub fn is_empty(&self) -> bool {
        self.by_state.iter().all(|(_, count)| *count == 0)
    }
}

fn sum<S: Copy>(by_state: &[(S, u64)], is_wanted: impl Fn(S) -> bool) -> u64 {
    by_state.iter().filter(|(state, _)| is_wanted(*state)).map(|(_, count)| count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status::{Accepted, Pending, Revoked};

    #[test]
    fn a_total_says_whether_there_are_more() {
        let (all, more) = (Total::exact(10_000), Total { number: 10_000, is_exact: false });
        assert_eq!((all.to_string(), all.is_exact), ("10,000".to_owned(), true));
        assert_eq!((more.to_string(), more.is_exact), ("10,000+".to_owned(), false));
        assert_eq!(more.plural("person", "people"), "10,000+ people");
        assert_eq!(Total::exact(1).plural("person", "people"), "1 person");
        assert_eq!(Total { number: 1, is_exact: false }.plural("person", "people"), "1+ people");
    }

    #[test]
    fn counts_are_exact_up_to_the_most_that_is_counted() {
        let all = Counts::up_to_most(vec![(Pending, 9_990), (Accepted, 4), (Pending, 6)]);
        assert_eq!((all.of(None), all.of(Pending)), (Total::exact(10_000), Total::exact(9_996)));
        assert_eq!(all.of_any(&[Accepted, Revoked, Accepted]), Total::exact(4));
        let more = Counts::up_to_most(vec![(Accepted, 5), (Pending, 9_996)]);
        assert_eq!(more.of(None), Total { number: 10_000, is_exact: false });
        assert_eq!(more.of(Pending), Total { number: 9_995, is_exact: false });
        assert_eq!(more.of(Accepted), Total { number: 5, is_exact: false });
        assert_eq!(more.of(Revoked), Total { number: 0, is_exact: false });
    }

    #[test]
    fn counts_of_nothing_are_empty() {
        assert!(Counts::exact(vec![(Pending, 0)]).is_empty() && !Counts::exact(vec![(Pending, 1)]).is_empty());
    }
}
