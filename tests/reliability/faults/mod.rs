//! What happens when the machine fails: power, disk, or a document in the middle of a batch.

mod crash;
mod documents;
mod io;
mod power_loss;
mod stage;
