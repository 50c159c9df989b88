//! Sources as tokens, for tests that read our own.
//!
//! Knows Rust's tokens. Must not know which rules are held by them.

use proc_macro2::{Delimiter, Group, TokenTree};

pub(crate) fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == word)
}

pub(crate) fn is_sign(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

pub(crate) fn is_path_sign(tokens: &[TokenTree], at: usize) -> bool {
    is_sign(tokens.get(at), ':') && is_sign(tokens.get(at + 1), ':')
}

pub(crate) fn braces(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

pub(crate) fn inside(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

/// The tokens without the items under `#[cfg(test)]`.
pub(crate) fn without_tests(tokens: &[TokenTree]) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut rest = tokens.iter();
    while let Some(token) = rest.next() {
        if let TokenTree::Group(group) = token
            && group.to_string().replace(' ', "") == "[cfg(test)]"
        {
            kept.pop();
            rest.find(|token| braces(token).is_some() || is_sign(Some(token), ';'));
        } else {
            kept.push(token.clone());
        }
    }
    kept
}

/// Fails with the offenders, a line each, and what to do.
pub(crate) fn report(offenders: &[String], advice: &str) {
    assert!(offenders.is_empty(), "{advice}:\n  {}\n", offenders.join("\n  "));
}
