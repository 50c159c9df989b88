//! The sources that the ledger knows, for findings to be held against.
//!
//! Knows how names are looked up, and what is withheld: to match a name with a confidential source
//! would tell who that is. Must not know what was found.

use std::collections::BTreeSet;

use super::super::super::exit::Trouble;
use crate::id::{Name, Slug, SourceId};
use crate::intake::matched::{Register, is_called};
use crate::source::SourceNamed;
use crate::view::query::{Audience, Inquiry};
use crate::view::{Snapshot, known};

/// The most sources that are looked at for one name; beyond, nobody can say that only one has it.
const MOST: usize = 1 << 16;

/// The sources of the views, as one audience may see them.
pub(super) struct KnownSources<'a> {
    snapshot: &'a Snapshot,
    inquiry: Inquiry<'a>,
}

impl<'a> KnownSources<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, audience: Audience) -> Result<Self, Trouble> {
        Ok(Self { snapshot, inquiry: Inquiry::new(snapshot, None, audience)? })
    }

    /// The source of that slug, where it may be seen.
    pub(super) fn named(&self, slug: &Slug) -> Result<Option<SourceNamed>, Trouble> {
        if self.inquiry.withheld().source(&SourceId::Named(slug.clone())) {
            return Ok(None);
        }
        let naming = self.snapshot.naming(slug, self.inquiry.before())?;
        Ok(naming.map(|naming| naming.named))
    }
}

impl Register for KnownSources<'_> {
    type Error = Trouble;

    fn called(&self, name: &Name) -> Result<Vec<SourceNamed>, Trouble> {
        let mut slugs: BTreeSet<Slug> =
            known::sources_like(self.snapshot, name.as_str(), MOST)?.into_iter().collect();
        slugs.extend(Slug::from_name(name.as_str()));
        let (mut called, mut wholes) = (Vec::new(), BTreeSet::new());
        for slug in slugs {
            let Some(named) = self.named(&slug)?.filter(|named| is_called(named, name)) else {
                continue;
            };
            // Sources that were merged are one, and each stands for it.
            if wholes.insert(self.inquiry.merges().whole(&SourceId::Named(slug))) {
                called.push(named);
            }
        }
        Ok(called)
    }

    fn is_taken(&self, slug: &Slug) -> Result<bool, Trouble> {
        Ok(self.snapshot.naming(slug, self.inquiry.before())?.is_some())
    }
}
