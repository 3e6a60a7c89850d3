#ifndef ENRICH_TESTS_UNIT_ENGINE_CHUNK_MODEL_H_
#define ENRICH_TESTS_UNIT_ENGINE_CHUNK_MODEL_H_

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/chunk_machine.h"

// A chunk with its resends, one provider, and everything that can come between
// them.
namespace enrich {

// Where the bytes of an attempt are.
enum class Wire {
  kHeld,      // the intent is recorded, nothing has left
  kOut,       // in buffers or on the way; lives on when we die
  kReceived,  // the provider has the payload
  kRefused,   // the provider read it and enqueued nothing
  kGone,      // lost, or never left
};

struct World {
  Chunk chunk = {};
  // Those before it in the chain, of which it is the last.
  std::vector<Chunk> earlier = {};
  absl::Time now = absl::UnixEpoch();
  // By attempt, the first has key 1; and the chunk it is of.
  std::vector<Wire> wires = {};
  std::vector<int64_t> owners = {};
  // The attempt whose answer the process waits for.
  std::optional<int64_t> awaited = {};
  int received = 0;
  int approvals = 0;
  int replays = 0;
  int crashes_left = 0;
  int approvals_left = 0;

  Wire& wire(int64_t attempt) {
    return wires[static_cast<size_t>(attempt - 1)];
  }
  // Whether the provider has shown that it has one of the earlier ones.
  bool EarlierWasTaken() const {
    return std::any_of(earlier.begin(), earlier.end(), [](const Chunk& c) {
      return c.attempt.state == AttemptState::kAccepted;
    });
  }
  // Equal for worlds with the same future.
  std::string Fingerprint() const {
    std::string text = absl::StrCat(
        static_cast<int>(chunk.state), " ", absl::ToUnixSeconds(chunk.due), " ",
        absl::ToUnixSeconds(chunk.create_time), " ",
        absl::ToUnixSeconds(chunk.attempt.start_time), " ", chunk.polls, " ",
        chunk.attempt_count, " ", chunk.attempt.key, " ",
        chunk.attempt.provider_job_id, " ", absl::ToUnixSeconds(now), " ");
    absl::StrAppend(&text, awaited.value_or(0), " ", received, " ",
                    crashes_left, " ", approvals, " ", replays, " ",
                    approvals_left);
    for (size_t i = 0; i < wires.size(); ++i) {
      absl::StrAppend(&text, " ", static_cast<int>(wires[i]), "/", owners[i]);
    }
    for (const Chunk& c : earlier) {
      absl::StrAppend(&text, " ", static_cast<int>(c.state), "/",
                      static_cast<int>(c.attempt.state));
    }
    return text;
  }
};

// Short enough for the space to be searched, in the proportions of the real
// ones.
inline chunk_machine::Policy ShortPolicy() {
  return {.poll = {.first_after = absl::Seconds(4),
                   .interval = absl::Seconds(4),
                   .give_up_after = absl::Seconds(20)},
          .give_up_sending_after = absl::Seconds(12),
          .park_unknown_after = absl::Seconds(16)};
}

struct Verdict {
  size_t worlds = 0;
  // The shortest way to a broken promise, and which one.
  std::vector<std::string> path = {};
  std::string violation = {};
};

// Searches every schedule, breadth first, until a promise is broken. `Engine`
// is how the machine is driven, and how much goes wrong; see AsDesigned in
// chunk_model_test.cc.
template <typename Engine>
class ModelCheck {
 public:
  Verdict Run() {
    World start;
    start.chunk = {.key = 1, .due = start.now, .create_time = start.now};
    start.crashes_left = Engine::kCrashes;
    start.approvals_left = Engine::kApprovals;
    Reach(std::move(start), "start", kNoParent);
    while (!queue_.empty() && verdict_.violation.empty()) {
      current_ = queue_.front();
      queue_.pop_front();
      Expand(nodes_[current_].world);
    }
    verdict_.worlds = nodes_.size();
    return verdict_;
  }

 private:
  static constexpr size_t kNoParent = static_cast<size_t>(-1);
  struct Node {
    World world;
    std::string event;
    size_t parent = kNoParent;
  };

  void Expand(World world) {
    Process(world);
    Network(world);
    Provider(world);
    Person(world);
    Time(world);
  }

  // ---- The process
  void Process(const World& world) {
    if (world.crashes_left > 0) {
      Try("crash", world, [](World& w) {
        --w.crashes_left;
        w.awaited.reset();
        for (Wire& wire : w.wires) {
          if (wire == Wire::kHeld) wire = Wire::kGone;
        }
        if (w.chunk.state == ChunkState::kSending) {
          Engine::OnOrphan(w.now, w.chunk);
        }
      });
    }
    if (!world.awaited.has_value()) return;
    const int64_t attempt = *world.awaited;
    if (World(world).wire(attempt) == Wire::kHeld) {
      Try("send", world, [&](World& w) { w.wire(attempt) = Wire::kOut; });
      Try("not sent", world, [&](World& w) {
        w.wire(attempt) = Wire::kGone;
        Settle(w, attempt, [](World& w) {
          chunk_machine::OnNotSent(w.now, Engine::Rules(), w.chunk);
        });
      });
      return;
    }
    // Time-outs, resets and 5xx say nothing of what became of the bytes.
    Try("timeout", world, [&](World& w) {
      Settle(w, attempt, [](World& w) { Engine::OnTimeout(w.now, w.chunk); });
    });
  }

  void RecordIntent(World& w) {
    // Known to be at the provider, and asked for again all the same.
    known_was_resent_ |= w.EarlierWasTaken();
    const auto key = static_cast<int64_t>(w.wires.size() + 1);
    chunk_machine::OnIntent({.key = key, .start_time = w.now}, w.chunk);
    w.wires.push_back(Wire::kHeld);
    w.owners.push_back(w.chunk.key);
    w.awaited = key;
  }

  // The end of an exchange counts for the attempt it belongs to only.
  template <typename Apply>
  static void Settle(World& w, int64_t attempt, Apply apply) {
    w.awaited.reset();
    if (w.chunk.attempt.key == attempt) apply(w);
  }

  // ---- The network, which also outlives the process
  void Network(const World& world) {
    for (size_t i = 0; i < world.wires.size(); ++i) {
      if (world.wires[i] != Wire::kOut) continue;
      Try("receive", world, [&](World& w) {
        w.wires[i] = Wire::kReceived;
        w.received += Engine::kReceipts;
      });
      Try("lose", world, [&](World& w) { w.wires[i] = Wire::kGone; });
      Try("refuse", world, [&](World& w) { w.wires[i] = Wire::kRefused; });
    }
  }

  // ---- What the provider says
  void Provider(const World& world) {
    for (size_t i = 0; i < world.wires.size(); ++i) {
      const auto attempt = static_cast<int64_t>(i + 1);
      const bool awaited = world.awaited == attempt;
      if (world.wires[i] == Wire::kReceived) {
        if (awaited) Accept(world, attempt);
        Push(world, attempt);
      }
      if (world.wires[i] == Wire::kRefused && awaited) {
        Try("429", world, [&](World& w) {
          Settle(w, attempt, [](World& w) {
            chunk_machine::OnRateLimited(w.now, absl::Seconds(3), w.chunk);
          });
        });
        Try("rejected", world, [&](World& w) {
          Settle(w, attempt,
                 [](World& w) { chunk_machine::OnRejected(w.chunk); });
        });
      }
    }
  }

  void Accept(const World& world, int64_t attempt) {
    Try("2xx", world, [&](World& w) {
      Settle(w, attempt, [](World& w) {
        chunk_machine::OnAccepted(w.now, Engine::Rules(), "job", w.chunk);
      });
    });
  }

  // A push may come at any time, more than once, with or without results.
  void Push(const World& world, int64_t attempt) {
    const std::string job = absl::StrCat("job", attempt);
    const int64_t owner = world.owners[static_cast<size_t>(attempt - 1)];
    if (owner != world.chunk.key) return LatePush(world, owner, job);
    Try("push", world, [&](World& w) {
      chunk_machine::OnAccepted(w.now, Engine::Rules(), job, w.chunk);
    });
    Try("results", world, [&](World& w) {
      chunk_machine::OnAccepted(w.now, Engine::Rules(), job, w.chunk);
      chunk_machine::OnSettled(w.chunk);
    });
  }

  // What becomes of the job afterwards is the same as without a resend.
  void LatePush(const World& world, int64_t owner, const std::string& job) {
    Try("late push", world, [&](World& w) {
      Chunk& chunk = w.earlier[static_cast<size_t>(owner - 1)];
      chunk_machine::OnAccepted(w.now, Engine::Rules(), job, chunk);
      chunk_machine::OnSettled(chunk);
    });
  }

  // ---- People
  void Person(const World& world) {
    if (!IsInDoubt(world.chunk.state)) return;
    Try("abandon", world,
        [](World& w) { chunk_machine::OnDoubtEnded(w.chunk); });
    if (world.approvals_left == 0 || world.EarlierWasTaken()) return;
    Try("approve", world, [](World& w) {
      --w.approvals_left;
      ++w.approvals;
      Resend(w);
    });
  }

  static void Resend(World& w) {
    chunk_machine::OnDoubtEnded(w.chunk);
    // Late answers to what was not settled are news.
    w.chunk.items = {{.contact_key = 1, .fields = ContactField::kPhone}};
    w.chunk.answered = {w.chunk.items[0].fields};
    w.chunk.settled = {FieldSet()};
    const int64_t key = w.chunk.key;
    w.earlier.push_back(std::move(w.chunk));
    ForgetThePast(w);
    w.chunk = {.key = key + 1,
               .due = w.now,
               .create_time = w.now,
               .resend_of = Engine::kKnowsResends ? key : 0};
  }

  // What can no longer make a difference, so that worlds with the same future
  // are one: what time it is, and requests that never arrive.
  static void ForgetThePast(World& w) {
    w.now = absl::UnixEpoch();
    for (size_t i = w.wires.size(); i-- > 0;) {
      if (w.wires[i] == Wire::kOut || w.wires[i] == Wire::kReceived) continue;
      const auto at = static_cast<std::ptrdiff_t>(i);
      w.wires.erase(w.wires.begin() + at);
      w.owners.erase(w.owners.begin() + at);
    }
  }

  // ---- Time
  void Time(const World& world) {
    const Chunk& chunk = world.chunk;
    if (chunk.state == ChunkState::kSending &&
        world.now < chunk.create_time + Engine::Rules().give_up_sending_after) {
      Try("wait", world, [](World& w) { w.now += absl::Seconds(3); });
    }
    if (chunk.due == absl::InfiniteFuture()) return;
    World later = world;
    later.now = std::max(later.now, chunk.due);
    Due(later);
    if (chunk.state != ChunkState::kPlanned) return;
    // The account was closed for so long.
    later.now = std::max(
        later.now, chunk.create_time + Engine::Rules().give_up_sending_after);
    Due(later);
  }

  void Due(const World& world) {
    using chunk_machine::Due;
    switch (chunk_machine::WhenDue(world.now, Engine::Rules(), world.chunk)) {
      case Due::kNothing:
        return Break("what is due needs nothing: it is never looked at again",
                     "due");
      case Due::kSend:
        return Send(world);
      case Due::kGiveUpSending:
        return Try("give up sending", world,
                   [](World& w) { chunk_machine::OnGaveUp(w.chunk); });
      case Due::kFetch:
        return Fetch(world);
      case Due::kGiveUpJob:
        return Try("give up job", world,
                   [](World& w) { chunk_machine::OnSettled(w.chunk); });
      case Due::kPark:
        return Try("deadline", world,
                   [](World& w) { Engine::OnDeadline(w.now, w.chunk); });
      case Due::kReplay:
        return Try("replay", world, [](World& w) {
          ++w.replays;
          Resend(w);
        });
    }
  }

  void Send(const World& world) {
    if (Engine::kLooksBack && world.EarlierWasTaken()) {
      return Try("call off", world,
                 [](World& w) { chunk_machine::OnSettled(w.chunk); });
    }
    if (Engine::kIntentFirst) {
      return Try("intent", world, [&](World& w) { RecordIntent(w); });
    }
    // The bytes go first; a crash in between leaves no trace of them.
    Try("send, then intent", world, [&](World& w) {
      RecordIntent(w);
      w.wires.back() = Wire::kOut;
    });
    if (world.crashes_left == 0) return;
    Try("send, then crash", world, [](World& w) {
      --w.crashes_left;
      w.wires.push_back(Wire::kOut);
      w.owners.push_back(w.chunk.key);
      ++w.chunk.attempt_count;
    });
  }

  void Fetch(const World& world) {
    Try("fetch: running", world, [](World& w) {
      ++w.chunk.polls;
      chunk_machine::OnStillRunning(w.now, Engine::Rules(), w.chunk);
    });
    Try("fetch: results", world,
        [](World& w) { chunk_machine::OnSettled(w.chunk); });
  }

  // ---- The search
  template <typename Change>
  void Try(const std::string& event, World world, Change change) {
    const ChunkState before = world.chunk.state;
    const int64_t key = world.chunk.key;
    change(world);
    const ChunkState after = world.chunk.state;
    const bool same = world.chunk.key == key;
    Reach(std::move(world), event, current_);
    if (known_was_resent_) {
      Break("sent again what the provider is known to have", event);
    }
    if (!same) return;
    // The promises about single steps.
    if (IsInDoubt(before) && IsSendable(after)) doubt_was_planned_ = true;
    if (IsTerminal(before) && after != before && after != ChunkState::kDone) {
      Break("what was over was taken up again", event);
    }
  }

  static bool IsSendable(ChunkState state) {
    return state == ChunkState::kPlanned || state == ChunkState::kSending;
  }

  void Reach(World world, const std::string& event, size_t parent) {
    if (!seen_.insert(world.Fingerprint()).second) return;
    const bool paid_twice =
        world.received > 1 + world.approvals + std::min(world.replays, 1);
    const bool forgotten = !IsTerminal(world.chunk.state) &&
                           world.chunk.state != ChunkState::kParked &&
                           world.chunk.due == absl::InfiniteFuture() &&
                           !world.awaited.has_value();
    nodes_.push_back({std::move(world), event, parent});
    queue_.push_back(nodes_.size() - 1);
    if (!verdict_.violation.empty()) return;
    if (paid_twice) Fail("paid twice", nodes_.size() - 1);
    if (forgotten) Fail("nothing will ever happen", nodes_.size() - 1);
  }

  void Break(const std::string& violation, const std::string& event) {
    if (!verdict_.violation.empty()) return;
    Fail(violation, current_);
    verdict_.path.push_back(event);
  }

  void Fail(const std::string& violation, size_t node) {
    verdict_.violation = violation;
    for (; nodes_[node].parent != kNoParent; node = nodes_[node].parent) {
      verdict_.path.insert(verdict_.path.begin(), nodes_[node].event);
    }
  }

 public:
  // Whether an edge led from doubt back to sending, violation or not.
  bool doubt_was_planned() const { return doubt_was_planned_; }

 private:
  std::deque<Node> nodes_;
  std::deque<size_t> queue_;
  std::set<std::string> seen_;
  size_t current_ = kNoParent;
  bool doubt_was_planned_ = false;
  bool known_was_resent_ = false;
  Verdict verdict_;
};

}  // namespace enrich

#endif  // ENRICH_TESTS_UNIT_ENGINE_CHUNK_MODEL_H_
