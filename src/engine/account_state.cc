#include "engine/account_state.h"

#include <optional>

namespace enrich {

AccountState::AccountState(const Account& account, const EngineOptions& options)
    : account(account),
      policy{.poll = account.adapter->capabilities().poll,
             .push = account.adapter->capabilities().push &&
                     !account.adapter->capabilities().registered_push &&
                     account.has_push_address,
             .give_up_sending_after = options.give_up_sending_after,
             .park_unknown_after = options.park_unknown_after,
             .quiet_replay_after =
                 account.doubt.quiet_replay
                     ? account.adapter->capabilities().quiet_replay_after
                     : std::nullopt},
      gate(account.adapter->capabilities().pacing,
           {.failures = options.breaker_failures,
            .pause = options.breaker_pause}),
      token(account.adapter->BuildToken().has_value()) {}

}  // namespace enrich
