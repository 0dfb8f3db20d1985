//! What happens when the machine fails: power, disk, or a document in the middle of a batch.

mod crash;
mod disk_full;
mod documents;
mod io;
mod power_loss;
mod removal;
mod stage;
