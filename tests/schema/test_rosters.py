"""Teams and rosters over the API."""

from services import clock
from services.models import Organisation, OrganisationKind
from tests.schema.asking import Asking
from tests.schema.town import Town

ADD_MEMBER = "mutation ($t: ID!, $w: ID!) { addTeamMember(teamId: $t, workerId: $w) { members { worker { id } } } }"
ADD_POST = """mutation ($input: PostInput!) { addPost(input: $input) { id name needed location } }"""
TRAIN = """mutation ($input: TrainingInput!) { recordTraining(input: $input) {
  members { trainings { subject hours validUntil } } } }"""
PLAN = "mutation ($input: DutyInput!) { planDuty(input: $input) { id weekdays starts ends worker { id } } }"
KIT = 'mutation ($t: ID!, $w: ID!) { issueKit(teamId: $t, workerId: $w, item: "袖标", number: "7") { id item } }'
TEAMS = "query ($area: ID!) { teams(areaId: $area) { id code kind area { code } } }"
TEAM = """query ($id: ID!) { team(id: $id) {
  members { worker { id } trainings { subject } kit { item number returnedOn } }
  posts { name duties { starts worker { id } } } } }"""
ON_DUTY = """query ($area: ID!, $at: DateTime) {
  onDutyAtPosts(areaId: $area, at: $at) { post { name } worker { id } endsAt } }"""


async def test_a_team_is_built_trained_equipped_and_put_on_duty(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    area, worker = str(town.community.id), str(town.workers[0].id)
    async with ask.database.write({"everywhere": True}) as session:
        team = Organisation(code="PA", kind=OrganisationKind.SAFETY_TEAM, name="平安联盟", area_id=town.community.id)
        session.add(team)
    team_id, today = str(team.id), clock.today().isoformat()
    joined = (await ask(ADD_MEMBER, t=team_id, w=worker))["addTeamMember"]
    assert joined == {"members": [{"worker": {"id": worker}}]}
    lon, lat = 106.701, 26.572
    post = {"teamId": team_id, "name": "东门", "point": {"longitude": lon, "latitude": lat}}
    made = (await ask(ADD_POST, input=post))["addPost"]
    assert (made["name"], made["needed"], made["location"]["coordinates"]) == ("东门", 1, [lon, lat])
    duty = {"postId": made["id"], "workerId": worker, "weekdays": [1, 2, 3, 4, 5, 6, 7], "since": today}
    duty |= {"starts": "00:00", "ends": "23:59"}
    assert await ask.code(PLAN, input=duty) == "NOT_TRAINED"
    training = {"teamId": team_id, "workerIds": [worker], "subject": "BASICS", "heldOn": "2020-01-10", "hours": 4}
    trained = (await ask(TRAIN, input=training))["recordTraining"]["members"]
    assert trained == [{"trainings": [{"subject": "BASICS", "hours": 4.0, "validUntil": None}]}]
    planned = (await ask(PLAN, input=duty))["planDuty"]
    assert (planned["starts"], planned["ends"], planned["worker"]["id"]) == ("00:00", "23:59", worker)
    await ask(KIT, t=team_id, w=worker)
    (listed,) = (await ask(TEAMS, area=area))["teams"]
    about = {"code": "PA", "kind": "SAFETY_TEAM", "area": {"code": town.community.code}}
    assert listed == {"id": team_id, **about}
    found = (await ask(TEAM, id=team_id))["team"]
    assert found == {
        "members": [
            {
                "worker": {"id": worker},
                "trainings": [{"subject": "BASICS"}],
                "kit": [{"item": "袖标", "number": "7", "returnedOn": None}],
            }
        ],
        "posts": [{"name": "东门", "duties": [{"starts": "00:00", "worker": {"id": worker}}]}],
    }
    own = (await ask.as_(town.grid_worker)(TEAM, id=team_id))["team"]
    assert own == found  # the member sees the team, and the own training and kit in it
    noon = f"{today}T12:00:00+08:00"
    (standing,) = (await ask(ON_DUTY, area=area, at=noon))["onDutyAtPosts"]
    assert (standing["post"], standing["worker"]) == ({"name": "东门"}, {"id": worker})


async def test_who_does_not_lead_the_area_is_refused(changing: tuple[Asking, Town]) -> None:
    ask, town = changing
    worker = ask.as_(town.grid_worker)
    assert await worker.code(TEAMS, area=str(town.community.id)) == "NOT_ALLOWED"
    assert await worker.code(ON_DUTY, area=str(town.community.id)) == "NOT_ALLOWED"


async def test_hours_that_are_none_are_refused(ask: Asking, town: Town) -> None:
    duty = {"postId": str(town.community.id), "workerId": str(town.workers[0].id), "weekdays": [1]}
    duty |= {"starts": "8 o'clock", "ends": "09:00", "since": "2026-01-01"}
    assert await ask.code(PLAN, input=duty) == "HOUR_MISREAD"
