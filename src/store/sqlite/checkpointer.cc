#include "store/sqlite/checkpointer.h"

#include <pthread.h>

#include <utility>

#include "base/log.h"

namespace enrich {
namespace {

// 16 MiB of log.
constexpr int kFrames = 2000;
// So few are left to the writer, unless they come faster than they are copied.
constexpr int kFramesForWriter = 200;
constexpr int kMaxPasses = 4;
// 64 MiB: the writer waits for the copying rather than let the log grow on.
constexpr int kMostFrames = 4 * kFrames;

}  // namespace

Checkpointer::Checkpointer(Connection& writer, std::unique_ptr<Connection> db)
    : writer_(writer),
      db_(std::move(db)),
      next_at_(kFrames),
      thread_([this] { Loop(); }) {
  writer_.SetCommitHook([this](int frames) { OnCommit(frames); });
}

Checkpointer::~Checkpointer() {
  writer_.SetCommitHook({});
  {
    MutexLock lock(&mu_);
    state_ = State::kStopping;
    wake_.Signal();
  }
  thread_.join();
}

void Checkpointer::OnCommit(int frames) {
  if (frames < next_at_) return;
  {
    MutexLock lock(&mu_);
    if (state_ == State::kIdle) {
      state_ = State::kWanted;
      wake_.Signal();
    }
    while (state_ == State::kWanted && frames >= kMostFrames) {
      copied_.Wait(&mu_);
    }
    if (state_ != State::kCopied) return;
    state_ = State::kIdle;
  }
  const auto checkpoint = writer_.CopyLog();
  // A reader that is still at work keeps the log from being begun anew.
  const bool all = checkpoint.ok() && checkpoint->copied == checkpoint->frames;
  next_at_ = all ? kFrames : frames + kFrames / 2;
}

void Checkpointer::Loop() {
  pthread_setname_np(pthread_self(), "checkpoint");
  while (WaitForWork()) {
    CopyMost();
    MutexLock lock(&mu_);
    if (state_ == State::kWanted) state_ = State::kCopied;
    copied_.Signal();
  }
}

bool Checkpointer::WaitForWork() {
  MutexLock lock(&mu_);
  while (state_ != State::kWanted && state_ != State::kStopping) {
    wake_.Wait(&mu_);
  }
  return state_ == State::kWanted;
}

void Checkpointer::CopyMost() {
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    const auto checkpoint = db_->CopyLog();
    if (!checkpoint.ok()) {
      // Nothing is lost: it is all in the log, and is tried again.
      log::Warning("the log was not copied", {{"status", checkpoint.status()}});
      return;
    }
    if (checkpoint->frames - checkpoint->copied <= kFramesForWriter) return;
  }
}

}  // namespace enrich
