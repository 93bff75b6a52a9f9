//! Explains two clicks at the same time of which one was not counted.

use std::fmt;

use testkit::Response;

use crate::checks::{redis_commands::Commands, shop::Basket};

/// The outcome of the two clicks: on a plum, whose write was held back, and on a pear.
pub(super) struct Overlap {
    pub(super) plum: Response,
    pub(super) pear: Response,
    pub(super) basket: Basket,
    pub(super) commands: Commands,
    pub(super) between: Between,
}

/// The events while the write of the plum was held back.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Between {
    /// The pear was written.
    Written,
    /// The click on the pear waited.
    Waited,
    /// It waited for a lock in Redis, which expired. Then the pear was written.
    LockExpired,
    /// The same, and the click on the plum removed the lock of a third request.
    LockRemoved,
}

impl Overlap {
    pub(super) fn is_right(&self) -> bool {
        let numbers = ["plum", "pear"].map(|item| self.basket.number_of(item));
        numbers == [1, 1] && self.plum.status == 200 && self.pear.status == 200
    }
}

impl fmt::Display for Overlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [plums, pears] = ["plum", "pear"].map(|item| self.basket.number_of(item));
        let (plum, pear) = (self.plum.status, self.pear.status);
        write!(f, "{plums} plum ({plum}) and {pears} pear ({pear})")
    }
}

/// Explains what went wrong, if the responses or the commands show more than the basket does.
pub(super) fn explain(overlap: &Overlap) -> Option<&'static str> {
    let [plums, pears] = ["plum", "pear"].map(|item| overlap.basket.number_of(item));
    let commands = &overlap.commands;
    // The last `GET` is that of the check, which looks at the basket.
    let reads = commands.calls(&["get", "getex"]).saturating_sub(1);
    let meaning = if overlap.plum.status >= 500 && overlap.between == Between::Written {
        "another click was written first, and the customer got an error for that. change can read the session again and repeat the click"
    } else if overlap.plum.status >= 500 || overlap.pear.status >= 500 {
        "one click failed while the other one was under way. If the server logged a reason, you see it above"
    } else if plums > 1 || pears > 1 {
        "change applied one click twice. A repetition has to begin with the session that it reads then"
    } else if plums == 0 && pears == 1 {
        "the click on the plum was answered with 200, but it is not in the session. A write that Redis has refused must be repeated"
    } else if overlap.between == Between::LockRemoved {
        "a request whose lock had expired removed the lock of another request, and wrote what it had computed before. A lock alone is not enough: the write needs a condition"
    } else if overlap.between == Between::LockExpired {
        "a slow request wrote after its lock had expired, and undid the click of the next holder. A lock alone is not enough: the write needs a condition"
    } else if commands.calls(&["watch"]) > 0 {
        "the plum's EXEC didn't notice the pear. WATCH counts only on the connection that sent it. Do WATCH, GET, MULTI and EXEC share one connection?"
    } else if commands.combined() >= 3 {
        "change noticed the other click and tried again, but wrote a basket without it. A repetition has to apply the click to the session that it reads then"
    } else if commands.combined() > 0 {
        "script or transaction, the write did not check that Redis still had what change had read"
    } else if reads >= 4 {
        "change read twice and then wrote. But the other click came between the second read and the write. One step has to do both"
    } else {
        return None;
    };
    Some(meaning)
}
