//! Power lost while the views are written: whatever part of that reached the disk, in whatever
//! order, nothing is believed that the log does not say.
//!
//! Knows the file of the views as bytes at two moments. Must not know what is kept in it.
//!
//! A writer syncs nothing between opening the views and closing them. So a disk may hold, of each
//! part of the file, what stood there at any of the commits in between; here such files are put
//! together by chance from copies made while a writer was at work.

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::support::workshop::{WAIT, Workshop, ana, draft, named};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use testimony::log::sled::SledLog;
use testimony::projection::{ProjectError, bring_up, catch_up};
use testimony::view::fold::Fold;
use testimony::view::{Snapshot, ViewError, Views, difference};

/// Bytes that a disk writes whole, at least.
const SECTOR: usize = 512;

/// Commits of the writer whose work is cut short.
const COMMITS: u64 = 6;

/// The file as it stood when the writer had opened it, and behind each of its commits.
///
/// The first moment is the one that matters most: its last commit is that of an orderly close, which
/// redb by itself takes for whole. Since no ledger can be stopped there, a copy is opened.
fn moments(workshop: &Workshop) -> Vec<Vec<u8>> {
    let file = workshop.layout().views().join("views.redb");
    let copy = workshop.beside("opened");
    let opened = Views::at(&workshop.layout().views()).copy_to(&copy).unwrap();
    let opened = Fold::resume(&opened, WAIT).unwrap();
    let mut moments = vec![fs::read(copy.join("views.redb")).unwrap()];
    drop(opened);
    let mut ledger = workshop.open();
    ledger.settle().unwrap();
    moments.push(fs::read(&file).unwrap());
    for round in 0..COMMITS {
        let namings = (0..40).map(|number| draft(&named(&format!("later-{round}-{number}"))));
        ledger.record(namings, &ana()).unwrap();
        ledger.settle().unwrap();
        moments.push(fs::read(&file).unwrap());
    }
    ledger.close().unwrap();
    moments
}

/// What a disk may hold: of each stretch, what stood there at some moment; the header by itself.
fn torn(moments: &[Vec<u8>], picks: &[usize], header: usize, stretch: usize) -> Vec<u8> {
    let longest = moments.iter().map(Vec::len).max().unwrap();
    let mut torn = vec![0; longest];
    for (place, part) in torn.chunks_mut(stretch).enumerate() {
        let pick = if place * stretch < SECTOR { header } else { picks[place % picks.len()] };
        let from = moments[pick % moments.len()].get(place * stretch..).unwrap_or_default();
        let length = part.len().min(from.len());
        part[..length].copy_from_slice(&from[..length]);
    }
    torn
}

/// How much a disk writes at a time.
fn stretches() -> impl Strategy<Value = usize> {
    prop_oneof![Just(SECTOR), Just(4096), Just(16384)]
}

/// What a disk may hold that wrote a little of one moment and then lost power: the header, and nearly
/// all else, says that the file is as it was when it was opened.
fn little(moments: &[Vec<u8>]) -> impl Strategy<Value = ((Vec<usize>, usize), usize)> {
    let longest = moments.iter().map(Vec::len).max().unwrap();
    let some = vec(any::<prop::sample::Index>(), 1..8);
    (1..moments.len(), some, stretches()).prop_map(move |(moment, some, stretch)| {
        let part = |moment: usize, place: usize| {
            let bytes = moments[moment].get(place * stretch..).unwrap_or_default();
            &bytes[..bytes.len().min(stretch)]
        };
        let mut picks = vec![0; longest.div_ceil(stretch)];
        let differs =
            |place: &usize| place * stretch >= SECTOR && part(moment, *place) != part(0, *place);
        let written: Vec<usize> = (0..picks.len()).filter(differs).collect();
        some.iter().for_each(|one| picks[*one.get(&written)] = moment);
        ((picks, 0), stretch)
    })
}

/// The views of all that the log holds, made by a writer that nothing befell.
fn whole(log: &SledLog, folder: &Path) -> Snapshot {
    let views = Views::at(folder);
    catch_up(log, &views, WAIT).unwrap();
    views.read(WAIT).unwrap()
}

#[test]
fn whatever_reached_the_disk_of_unfinished_views_nothing_else_is_believed() {
    let workshop = Workshop::new();
    workshop.capture("SOAX says that the sea is salt.", None);
    workshop.record(&(0..40).map(|number| named(&format!("source-{number}"))).collect::<Vec<_>>());
    let moments = moments(&workshop);
    let log = SledLog::open(&workshop.layout().log(), WAIT).unwrap();
    let whole = whole(&log, &workshop.beside("whole"));
    let (mended, refused) = (Cell::new(0), Cell::new(0));
    // A disk that wrote none of it, or all, or mixed it up.
    let one = (0..moments.len()).prop_map(|moment| (vec![moment], moment));
    let mixed = (vec(0..moments.len(), 1..200), 0..moments.len());
    let whichever = (prop_oneof![one, mixed], stretches());
    let trial = |((picks, header), stretch): ((Vec<usize>, usize), usize)| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("views.redb");
        fs::write(file, torn(&moments, &picks, header, stretch)).unwrap();
        let views = Views::at(folder.path());
        let read = views.read(Duration::ZERO).err();
        let told = matches!(read, Some(ViewError::Unfinished | ViewError::Damaged(_)));
        prop_assert!(told, "a reader believes nothing that was not closed: {read:?}");
        let counted = match views.mend() {
            Ok(()) => &mended,
            Err(ViewError::Damaged(_)) => &refused,
            Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
        };
        counted.set(counted.get() + 1);
        bring_up::<ProjectError>(&log, &views, WAIT, |_| Ok(())).unwrap();
        let differences = difference::between(&views.read(WAIT).unwrap(), &whole).unwrap();
        prop_assert_eq!(differences, []);
        Ok(())
    };
    let mut runner = TestRunner::new(ProptestConfig::with_cases(200));
    runner.run(&prop_oneof![whichever, little(&moments)], trial).unwrap();
    assert!(mended.get() > 0 && refused.get() > 0, "{} and {}", mended.get(), refused.get());
    drop((whole, log));
    workshop.audit();
}
