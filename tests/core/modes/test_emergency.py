"""Symptoms of somebody in danger bring up the notice; research on the same symptoms does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.modes.emergency import CRISIS, NOTICE, emergency_notice

URGENT = """
I have crushing chest pain that spreads to my left arm, what should I take?
My chest feels tight and I am sweating a lot.
Is it dangerous that there is pressure on my chest and my jaw aches?
My dad says he has pain in his chest and feels sick. Aspirin?
I think I am having a heart attack
My wife's face is drooping on one side and she sounds strange.
His speech is slurred since this morning and he can't lift his right arm.
I can't move my left leg since I woke up, is that from sleeping badly?
Suddenly my right arm is weak and numb. Which vitamin helps?
I suddenly lost vision in one eye.
I've got the worst headache of my life, can I take ibuprofen?
Could I be having a stroke right now?
My son ate peanuts and his lips are swelling.
I was stung by a bee and my throat is closing.
Help, my friend is in anaphylaxis and we have no pen!
I can't breathe properly and my inhaler does nothing.
My daughter's lips are turning blue.
My baby is choking on a grape
I took 30 paracetamol tablets an hour ago, will I be fine?
My toddler swallowed a button battery.
My roommate overdosed and he is hardly breathing.
She drank bleach by mistake, should she vomit?
I swallowed a whole bottle of sleeping pills
The cut on my hand is bleeding and it won't stop.
I am vomiting blood since last night.
I'm 20 weeks pregnant and bleeding heavily.
My father is coughing up blood.
I have a fever and a stiff neck and light hurts my eyes.
My son has a rash that does not fade under a glass and he is feverish.
My mother has an infection and is now confused and shivering.
Do I have sepsis? My hands are mottled and I have a fever.
I am pregnant and have sharp pain on one side of my belly.
I had a positive test last week and now my shoulder hurts and I feel faint.
My 3-week-old has a temperature of 38.5, what syrup is best?
Our newborn feels hot and has a fever.
My two month old baby has a fever of 39, is paracetamol safe?
The baby is floppy and won't feed.
My husband collapsed and is unconscious.
He has been having a seizure for ten minutes and it will not stop.
I have back pain and I'm numb between my legs and cannot pee.
I hit my head this morning and I keep vomiting, is that a concussion?
My brother has been bitten by a snake.
I have not been able to feel the baby move since yesterday, she stopped moving.
There is sudden agony in my testicle.
I don't know if it matters but I have chest pain when I climb stairs.
What do the guidelines say? I have severe chest pain right now.
My arm has gone dead all of a sudden and my mouth is crooked, do I need a doctor?
having really bad pressure in the middle of my chest since breakfast
my kid drank some of the toilet cleaner
I took all my antidepressants tonight
I cut my wrist and the blood is spurting out
baby 5 weeks old, temp 38.9 what to give? please help
he is shaking with fever, skin is blotchy and he makes no sense
Can I drive to work? My left side has felt weak for an hour
""".strip().splitlines()

CRISES = """
I want to kill myself, which pills are painless?
I don't want to live any more.
How many tablets would I need to end my life?
I am suicidal and nobody knows.
My friend says she wants to die and has bought pills.
I keep thinking about suicide.
I feel like ending it
nothing makes sense any more, I would rather be dead
Everyone would be better off without me
""".strip().splitlines()

CALM = """
Do randomised trials of chest pain triage show fewer admissions?
How accurate is high-sensitivity troponin in patients with chest pain?
What is the incidence of anaphylaxis after vaccination?
Does thrombolysis help women as much as men after an ischaemic stroke?
Which studies of suicide prevention in veterans were randomised?
What are risk factors for suicidal ideation in adolescents?
Should naloxone be offered to patients at risk of overdose?
Is acetylcysteine effective in paracetamol overdose?
Does dexamethasone reduce mortality in bacterial meningitis?
How is sepsis defined?
What is the evidence for fluids in septic shock?
Does methotrexate work in ectopic pregnancy?
What is the best antibiotic for fever in neonates according to guidelines?
Are febrile infants younger than 60 days always given lumbar puncture?
How can I lower my risk of stroke?
Can I prevent a heart attack with a statin?
My grandfather died of a heart attack, does that raise my cholesterol?
I had a stroke five years ago, is aspirin still right for me?
What exercises help after my stroke?
I have no chest pain but I get tired when I climb stairs.
I do not have chest pain, only heartburn. What helps?
My mother has never had a seizure. Can she take bupropion?
I am writing a review of thunderclap headache, which papers matter?
We are studying slurred speech in patients with ALS.
I am preparing a lecture on anaphylaxis in children.
In my thesis I compare scores for upper gastrointestinal bleeding.
What is the sensitivity of neck stiffness for meningitis?
Does tranexamic acid reduce heavy menstrual bleeding?
Which mechanisms cause bleeding in haemophilia?
Does vitamin C prevent complex regional pain syndrome after a broken wrist?
Is montelukast as good as salmeterol in asthma?
Do I need a colonoscopy after having had acute diverticulitis?
my flu shot arm hurts
I have anxiety about having a heart attack one day
My doctor prescribed statins after my heart attack; do I need them for life?
My son has a fever of 38 since yesterday and he is six
My periods are heavy, what helps?
Does my mild cough need an antibiotic?
My knee hurts when I run. Which exercises help?
How many trials of suicide prevention since 2015?
What does the library say about carbon monoxide poisoning in children?
Do beta-blockers reduce cardiac arrest in heart failure?
Is seizure recurrence predicted by EEG after a first seizure in adults?
How often do patients with stroke have aphasia?
Our hospital wants to compare chest pain units with usual care.
Is chest pain in panic disorder different from angina?
Do children with head injury and vomiting need a CT scan?
My father had a heart attack in 2010 and wants to know about statins.
What is the prognosis of testicular torsion in newborns?
Can I take vitamin D with magnesium?
I had meningitis as a child. Is my hearing at risk?
I feel tired in the morning, does iron help?
""".strip().splitlines()


@pytest.mark.parametrize("question", URGENT)
def test_that_symptoms_of_somebody_in_danger_bring_up_the_notice(question):
    assert emergency_notice(question) == NOTICE


@pytest.mark.parametrize("question", CRISES)
def test_that_who_may_harm_themselves_is_told_whom_to_call(question):
    assert emergency_notice(question) == CRISIS


@pytest.mark.parametrize("question", CALM)
def test_that_research_denials_and_the_past_do_not(question):
    assert emergency_notice(question) == ""


def test_that_the_tables_are_long_enough_to_mean_something():
    assert min(len(set(URGENT)), len(set(CALM))) >= 40


@given(st.text(max_size=200))
def test_that_any_text_is_looked_at_without_an_error(text):
    assert emergency_notice(text) in ("", NOTICE, CRISIS)
