#include "bench/peers/peer_load.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/mutex.h"
#include "base/status_macros.h"

namespace enrich::bench {
namespace {

// Events begin with their index.
constexpr int kIndexDigits = 8;

class Run {
 public:
  Run(Peer& peer, const PeerLoad& load)
      : peer_(peer),
        load_(load),
        events_(static_cast<size_t>(load.writes * load.events_per_write)),
        due_(static_cast<size_t>(load.writes)),
        arrivals_(load.watchers > 0 ? events_ : 0) {}

  absl::StatusOr<PeerResult> Go() {
    RETURN_IF_ERROR(Connect());
    const absl::Time start = absl::Now();
    start_ = start;
    std::vector<std::thread> threads;
    for (size_t i = 0; i < watchers_.size(); ++i) {
      threads.emplace_back([this, i] { Note(Watch(*watchers_[i], i == 0)); });
    }
    for (const auto& writer : writers_) {
      threads.emplace_back([this, &writer] { Note(WriteAll(*writer)); });
    }
    for (std::thread& thread : threads) thread.join();
    MutexLock lock(&mu_);
    RETURN_IF_ERROR(status_);
    PeerResult result = {.duration = absl::Now() - start};
    for (size_t i = 0; i < arrivals_.size(); ++i) {
      result.latencies.push_back(
          arrivals_[i] - due_[i / static_cast<size_t>(load_.events_per_write)]);
    }
    return result;
  }

 private:
  absl::Status Connect() {
    for (int i = 0; i < load_.writers; ++i) {
      ASSIGN_OR_RETURN(writers_.emplace_back(), peer_.NewWriter());
    }
    for (int i = 0; i < load_.watchers; ++i) {
      ASSIGN_OR_RETURN(watchers_.emplace_back(), peer_.NewWatcher());
    }
    return absl::OkStatus();
  }

  std::vector<std::string> EventsOf(size_t write) const {
    const auto count = static_cast<size_t>(load_.events_per_write);
    const std::string rest(
        static_cast<size_t>(load_.event_bytes - kIndexDigits), 'x');
    std::vector<std::string> events;
    for (size_t i = 0; i < count; ++i) {
      events.push_back(
          absl::StrCat(absl::Dec(write * count + i, absl::kZeroPad8), rest));
    }
    return events;
  }

  absl::Status WriteAll(PeerWriter& writer) {
    for (size_t i = next_++; i < due_.size() && !failed_; i = next_++) {
      const std::vector<std::string> events = EventsOf(i);
      due_[i] = absl::Now();
      if (load_.rate > 0) {
        due_[i] = start_ + absl::Seconds(static_cast<double>(i) / load_.rate);
        absl::SleepFor(due_[i] - absl::Now());
      }
      RETURN_IF_ERROR(writer.Write(events));
    }
    return absl::OkStatus();
  }

  // `first` is whether it notes arrivals.
  absl::Status Watch(PeerWatcher& watcher, bool first) {
    size_t seen = 0;
    bool wrong = false;
    while (seen < events_ && !failed_ && !wrong) {
      RETURN_IF_ERROR(watcher.Read([&](absl::string_view event) {
        ++seen;
        size_t index = 0;
        wrong = wrong ||
                event.size() != static_cast<size_t>(load_.event_bytes) ||
                !absl::SimpleAtoi(event.substr(0, kIndexDigits), &index) ||
                index >= events_;
        if (wrong || !first) return;
        wrong = arrivals_[index] != absl::UnixEpoch();
        arrivals_[index] = absl::Now();
      }));
    }
    if (!wrong) return absl::OkStatus();
    return absl::DataLossError("an event came twice, or not as it was written");
  }

  void Note(absl::Status status) {
    if (status.ok()) return;
    failed_ = true;
    MutexLock lock(&mu_);
    status_.Update(std::move(status));
  }

  Peer& peer_;
  const PeerLoad& load_;
  const size_t events_;
  std::vector<std::unique_ptr<PeerWriter>> writers_;
  std::vector<std::unique_ptr<PeerWatcher>> watchers_;
  absl::Time start_;
  // By write, and by event.
  std::vector<absl::Time> due_;
  std::vector<absl::Time> arrivals_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> failed_{false};
  Mutex mu_;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

absl::StatusOr<PeerResult> RunPeerLoad(Peer& peer, const PeerLoad& load) {
  return Run(peer, load).Go();
}

}  // namespace enrich::bench
