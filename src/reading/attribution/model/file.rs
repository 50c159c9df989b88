//! Reads and writes the file format of a model, which docs/attribution.md describes.
//!
//! Knows how weights are laid out, and that a file may be untrusted. Must not know what they weigh.

use thiserror::Error;

use super::crf::{LABELS, Transitions};
use super::table::Table;
use super::{LabelChain, Model, word_features};

/// The first bytes of a model file.
const MAGIC: &[u8; 16] = b"testimony model\n";

/// The version of the format.
const FORMAT: u32 = 1;

/// The most rows of a kind: about ten times as many as a thousand articles give.
const MOST_ROWS: usize = 1 << 23;

/// The largest file that can be a model, in bytes.
pub const LARGEST: u64 = 256 * 1024 * 1024;

/// The bytes of the hash at the end of the file.
const SEAL: usize = 32;

/// Why a file cannot be used as a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ModelError {
    /// It is not a model file.
    #[error("this is not a model file: train a model with `testimony train`")]
    Other,
    /// It has another format version.
    #[error("the model has format {0}, but this version reads format {FORMAT}: train it again")]
    Format(u32),
    /// It was trained by a version that uses other features.
    #[error("the model was trained by a version that uses different features: train it again")]
    Features,
    /// It is cut short or was changed.
    #[error("the model is damaged: copy it again, or train it again")]
    Damaged,
}

impl Model {
    /// The model in its file format.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        put(&mut bytes, FORMAT);
        put(&mut bytes, word_features::VERSION);
        put(&mut bytes, self.least);
        let scores = self.chain.transitions.scores.iter().flatten();
        scores.for_each(|score| bytes.extend(score.to_le_bytes()));
        put(&mut bytes, count(self.chain.rows.rows.len()));
        for (hash, weights) in &self.chain.rows.rows {
            put(&mut bytes, *hash);
            weights.iter().for_each(|weight| bytes.extend(weight.to_le_bytes()));
        }
        for weights in [&self.segments, &self.sources] {
            put(&mut bytes, count(weights.rows.len()));
            for (hash, [weight]) in &weights.rows {
                put(&mut bytes, *hash);
                bytes.extend(weight.to_le_bytes());
            }
        }
        let seal = blake3::hash(&bytes);
        bytes.extend(seal.as_bytes());
        bytes
    }

    /// Parses a model file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut rest = Rest(bytes.strip_prefix(MAGIC).ok_or(ModelError::Other)?);
        let format = rest.number()?;
        if format != FORMAT {
            return Err(ModelError::Format(format));
        }
        let (body, seal) = bytes.split_last_chunk::<SEAL>().ok_or(ModelError::Damaged)?;
        if blake3::hash(body).as_bytes() != seal {
            return Err(ModelError::Damaged);
        }
        if rest.number()? != word_features::VERSION {
            return Err(ModelError::Features);
        }
        let least = rest.number()?;
        let mut scores = [[0; LABELS]; LABELS];
        for score in scores.iter_mut().flatten() {
            *score = i32::from_le_bytes(rest.take()?);
            if score.unsigned_abs() > i16::MAX.unsigned_abs().into() {
                return Err(ModelError::Damaged);
            }
        }
        let rows = rest.rows(|rest| {
            let mut weights = [0; LABELS];
            for weight in &mut weights {
                *weight = i16::from_le_bytes(rest.take()?);
            }
            Ok(weights)
        })?;
        let rows = Table::of(rows).ok_or(ModelError::Damaged)?;
        let chain = LabelChain { rows, transitions: Transitions { scores } };
        let weight = |rest: &mut Rest<'_>| Ok([i16::from_le_bytes(rest.take()?)]);
        let segments = Table::of(rest.rows(weight)?).ok_or(ModelError::Damaged)?;
        let sources = Table::of(rest.rows(weight)?).ok_or(ModelError::Damaged)?;
        if rest.0.len() != SEAL {
            return Err(ModelError::Damaged);
        }
        Ok(Self { chain, segments, sources, least })
    }
}

fn put(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend(number.to_le_bytes());
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

/// The bytes not read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], ModelError> {
        let (first, rest) = self.0.split_first_chunk().ok_or(ModelError::Damaged)?;
        self.0 = rest;
        Ok(*first)
    }

    fn number(&mut self) -> Result<u32, ModelError> {
        Ok(u32::from_le_bytes(self.take()?))
    }

    /// Rows, each after its hash; hashes are in ascending order, and none is zero.
    fn rows<T>(
        &mut self,
        row: impl Fn(&mut Self) -> Result<T, ModelError>,
    ) -> Result<Vec<(u32, T)>, ModelError> {
        let count = self.number()? as usize;
        if count > MOST_ROWS || count > self.0.len() {
            return Err(ModelError::Damaged);
        }
        let mut rows = Vec::with_capacity(count);
        let mut last = 0;
        for _ in 0..count {
            let hash = self.number()?;
            if hash <= last {
                return Err(ModelError::Damaged);
            }
            last = hash;
            rows.push((hash, row(self)?));
        }
        Ok(rows)
    }
}
