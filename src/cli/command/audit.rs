//! `audit`: verifies the whole ledger and reports every problem.
//!
//! Knows how a report is displayed. Must not know how findings are detected.

use super::super::context::Context;
use super::super::exit::{CommandOutcome, ErrorTag, Trouble};
use super::super::render::{LEFT, NOTICE, RIGHT, Screen, count, styled, visible};
use crate::answers::audit::{self, AuditError, AuditOptions, Report};
use crate::record::log::sled;

/// The maximum number of findings displayed as text; all are counted.
const SHOWN: usize = 100;

/// Arguments of `audit`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AuditArguments {
    /// Include the details of findings about confidential data
    #[arg(long)]
    confidential: bool,
}

impl From<AuditError> for Trouble {
    fn from(error: AuditError) -> Self {
        let tag = match &error {
            AuditError::Absent(_) => ErrorTag::Absent,
            AuditError::Busy(_) => ErrorTag::Busy,
            AuditError::Log(sled::OpenLogError::FirstDraft(_)) => ErrorTag::Ledger,
            _ => ErrorTag::File,
        };
        Self::new(tag, error)
    }
}

impl AuditArguments {
    pub(in crate::cli) fn run(self, context: Context<'_>) -> Result<CommandOutcome, Trouble> {
        let options = AuditOptions {
            wait: context.options.wait,
            scratch: std::env::temp_dir(),
            confidential: self.confidential,
        };
        let report = audit::audit(&context.ledger, &options)?;
        if context.json {
            context.screen.json(&report)?;
        } else {
            show(&report, context.screen)?;
        }
        Ok(super::outcome(!report.clean()))
    }
}

fn show(report: &Report, page: &mut Screen) -> Result<(), Trouble> {
    let log = report
        .log
        .as_ref()
        .map_or_else(|| "a log with an unknown name".into(), ToString::to_string);
    page.line(format_args!("audited {log}"))?;
    for (label, text) in checked(report) {
        page.wrapped(&format!("  {label} "), 13, &text)?;
    }
    for notice in notices(report) {
        page.wrapped(&format!("  {} ", styled(NOTICE, "notice    ")), 13, &notice)?;
    }
    page.gap()?;
    if report.clean() {
        page.line(styled(RIGHT, "clean: no findings"))?;
        return Ok(());
    }
    for finding in report.findings.iter().take(SHOWN) {
        page.wrapped(&styled(LEFT, "finding "), 4, &visible(&finding.to_string()))?;
    }
    let total = count(report.total(), "finding", "findings");
    let shown = report.findings.len().min(SHOWN) as u64;
    let rest = if shown < report.total() {
        format!(", {shown} of them shown (see all with --json)")
    } else {
        String::new()
    };
    page.line(styled(LEFT, format_args!("{total}{rest}")))?;
    Ok(())
}

/// The results of each part of the audit.
fn checked(report: &Report) -> Vec<(&'static str, String)> {
    let entries = count(report.entries, "entry", "entries");
    let mut events = count(
        report.payloads,
        "event matches its entry's commitment",
        "events match their entries' commitments",
    );
    if report.erased > 0 {
        events.push_str(&format!(", {} erased", report.erased));
    }
    let checkpoint = match &report.checkpoint {
        Some(stated) => format!("covers {}", count(stated.size, "entry", "entries")),
        None => "none that is valid".into(),
    };
    let recorded = [
        count(report.sources, "source", "sources"),
        count(report.documents, "document", "documents"),
        count(report.assertions, "assertion", "assertions"),
    ];
    let views = match (report.views.entries, report.views.compared) {
        (Some(entries), true) => {
            format!("{} of the log, compared with a rebuild", count(entries, "entry", "entries"))
        }
        (Some(entries), false) => {
            format!("{} of the log, not compared", count(entries, "entry", "entries"))
        }
        (None, _) => "cannot be read".into(),
    };
    vec![
        ("chain     ", format!("{entries}, the last with hash {}", report.last.short(16))),
        ("events    ", events),
        ("checkpoint", checkpoint),
        ("records   ", recorded.join(", ")),
        ("quotations", format!("{} found at their recorded positions", report.quotes)),
        ("archive   ", format!("{} intact", count(report.files.sound, "file", "files"))),
        ("views     ", views),
    ]
}

/// Facts that are not findings but worth knowing.
fn notices(report: &Report) -> Vec<String> {
    let mut notices = Vec::new();
    let mut notice = |number: u64, one: &str, many: &str| {
        if number > 0 {
            notices.push(count(number, one, many));
        }
    };
    notice(
        report.unsigned,
        "entry is not covered by the checkpoint: sign it with `testimony checkpoint`",
        "entries are not covered by the checkpoint: sign them with `testimony checkpoint`",
    );
    notice(
        report.unchecked,
        "assertion was made by a program and has not been checked",
        "assertions were made by programs and have not been checked",
    );
    notice(
        report.newer.count,
        "event was written by a newer version: update testimony to audit it",
        "events were written by a newer version: update testimony to audit them",
    );
    notice(
        report.files.unreferenced,
        "file in the archive belongs to no document",
        "files in the archive belong to no document",
    );
    notice(
        report.files.unfinished,
        "file in the archive is incomplete: the next command that records removes it",
        "files in the archive are incomplete: the next command that records removes them",
    );
    notice(
        report.undecided,
        "reference is to a source that an erased or unreadable event may have named",
        "references are to sources that an erased or unreadable event may have named",
    );
    notice(
        report.quotes_unread,
        "quotation was not verified because its document cannot be read",
        "quotations were not verified because their documents cannot be read",
    );
    if report.views.stale {
        notices.push(
            "the views are behind the log: the next command that reads them updates them".into(),
        );
    }
    notices
}
