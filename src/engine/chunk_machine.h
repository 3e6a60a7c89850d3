#ifndef ENRICH_ENGINE_CHUNK_MACHINE_H_
#define ENRICH_ENGINE_CHUNK_MACHINE_H_

#include <optional>

#include "absl/time/time.h"
#include "model/chunk.h"
#include "model/result.h"
#include "provider/adapter.h"

// The life of a chunk, as pure transitions. This is where it is decided that
// nothing is paid twice; docs/adr/0003 has the reasoning.
//
//   PLANNED --intent--> SENDING --id--> ACCEPTED --results--> DONE
//      ^                  | | |             ^
//      |  not sent, 429   | | | in doubt    | evidence, late results
//      +------------------+ | +--> UNKNOWN -+-> PARKED
//                           +----> FAILED (refused, gave up)
//
// Nothing leads from UNKNOWN or PARKED back to PLANNED. What is in doubt can be
// abandoned or asked for again, both of which make it FAILED; the asking is
// done by another chunk, its resend (docs/adr/0016).
namespace enrich::chunk_machine {

struct Policy {
  PollSpec poll = {};
  // Whether this chunk's job can be fetched once its id is known.
  bool can_fetch = true;
  // Whether the provider can push to the attempt's own URL: the only evidence
  // there is for a chunk in doubt.
  bool push = true;
  // Whether its results are being read page by page.
  bool reading = false;
  absl::Duration give_up_sending_after = absl::Minutes(15);
  absl::Duration park_unknown_after = absl::Hours(24);
  // When a chunk in doubt is asked for again by itself, once; unset for never.
  std::optional<absl::Duration> quiet_replay_after = {};
};

// Each returns whether `chunk` changed; a stale event changes nothing.

// The chunk is about to be sent as `attempt`; nothing may leave before that is
// durable.
bool OnIntent(ChunkAttempt attempt, Chunk& chunk);

// The provider took the job. Evidence in every state, however late: a webhook
// for the attempt counts too (with or without an id). A chunk that is over is
// taken up again while an item is without the provider's answer.
bool OnAccepted(absl::Time now, const Policy& policy, absl::string_view job_id,
                Chunk& chunk);

// The attempt provably never left. Back to PLANNED with growing pauses, or
// FAILED once the time for sending is over.
bool OnNotSent(absl::Time now, const Policy& policy, Chunk& chunk);

// 429: nothing was enqueued. PLANNED, due after `pause`.
bool OnRateLimited(absl::Time now, absl::Duration pause, Chunk& chunk);

// The provider said that nothing was enqueued, for good.
bool OnRejected(Chunk& chunk);

// It was heard of the attempt, though not what: the provider has it, and it
// must not be asked for again.
void OnHeardOf(Chunk& chunk);
bool WasHeardOf(const Chunk& chunk);

// It may have been enqueued. Waits for evidence, if any can come.
bool OnIndeterminate(absl::Time now, const Policy& policy, Chunk& chunk);

// In doubt for too long, or without hope of evidence.
bool OnParked(Chunk& chunk);

// UNKNOWN or PARKED: a person abandoned it, or another chunk asks for its items
// again. FAILED; late evidence still takes it up.
bool OnDoubtEnded(Chunk& chunk);

// There is news at the provider: the results are fetched now, if they can be.
void OnHint(absl::Time now, const Policy& policy, Chunk& chunk);

// A fetch came back without an end. Schedules the next one.
void OnStillRunning(absl::Time now, const Policy& policy, Chunk& chunk);

// The provider never took it: its items are failed. Those of a resend are in
// doubt as before: it is PARKED.
void OnGaveUp(Chunk& chunk);

// The account is gone: nothing can be sent or asked for any more.
void OnDeparted(Chunk& chunk);

// Every item is answered or given up.
void OnSettled(Chunk& chunk);

// What a chunk whose `due` has come needs.
enum class Due {
  kNothing,
  // PLANNED: send (again).
  kSend,
  // PLANNED for too long: fail its items.
  kGiveUpSending,
  // ACCEPTED: ask for the results.
  kFetch,
  // ACCEPTED for too long: fail its items.
  kGiveUpJob,
  // UNKNOWN for too long: park it and close its items as unknown.
  kPark,
  // UNKNOWN for so long that asking again is harmless: have a resend do it.
  kReplay,
};
Due WhenDue(absl::Time now, const Policy& policy, const Chunk& chunk);

// Whether every item's every field is answered.
bool AllAnswered(const Chunk& chunk);

}  // namespace enrich::chunk_machine

#endif  // ENRICH_ENGINE_CHUNK_MACHINE_H_
